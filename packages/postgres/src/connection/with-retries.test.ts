import { describe, expect, it } from 'vitest'
import { statement } from '../statements/statement.ts'
import type { SqlClient } from './sql-client.ts'
import { withRetries } from './with-retries.ts'

const asked = statement('ask', 'SELECT 1')

/** A client that fails some times before it answers. */
function failing(times: number, code: string): { client: SqlClient; count(): number } {
  let count = 0
  const client: SqlClient = {
    async query() {
      count += 1
      if (count <= times) throw Object.assign(new Error('no'), { code })
      return [{ answer: count }]
    },
    reset() {},
  }
  return { client, count: () => count }
}

describe('a statement that collides with others', () => {
  it.each(['40001', '40P01'])('is sent again until it gets through (%s)', async (code) => {
    const { client } = failing(7, code)
    expect(await withRetries(client).query(asked, [], AbortSignal.timeout(5_000))).toEqual([{ answer: 8 }])
  })

  it('is given up with its caller', async () => {
    const { client } = failing(Number.POSITIVE_INFINITY, '40001')
    await expect(withRetries(client).query(asked, [], AbortSignal.timeout(30))).rejects.toThrow(/aborted|timeout/)
  })

  it('is not sent again after any other error', async () => {
    const { client, count } = failing(1, '23505')
    await expect(withRetries(client).query(asked, [], AbortSignal.timeout(1_000))).rejects.toThrow('no')
    expect(count()).toBe(1)
  })
})
