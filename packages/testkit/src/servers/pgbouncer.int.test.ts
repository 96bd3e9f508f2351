import { Client } from 'pg'
import { expect, it } from 'vitest'

import { startPgbouncer } from './pgbouncer.ts'
import { postgresUrl } from './shared-servers.ts'

it.each(['transaction', 'session'] as const)('lends a connection of its pool for a %s', async (poolMode) => {
  const pgbouncer = await startPgbouncer({ postgresUrl: await postgresUrl(), poolSize: 1, poolMode })
  const ask = async (client: Client): Promise<unknown> => {
    await client.connect()
    const { rows } = await client.query('select pg_backend_pid() as pid')
    return rows[0]
  }
  const [first, second] = [
    new Client(pgbouncer.url),
    new Client({ connectionString: pgbouncer.url, query_timeout: 500 }),
  ]
  try {
    const backend = await ask(first)
    if (poolMode === 'transaction') expect(await ask(second)).toEqual(backend)
    else await expect(ask(second)).rejects.toThrow('timeout')
  } finally {
    // The second one may still wait for an answer.
    await Promise.all([first.end(), pgbouncer.stop(), second.end()])
  }
})
