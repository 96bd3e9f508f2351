import { setTimeout as delay } from 'node:timers/promises'
import type { Row, Statement, Value } from '../statements/statement.ts'
import type { SqlClient } from './sql-client.ts'
import { isCollision } from './sql-state.ts'

/** Everyone but the slowest gets through in each round, so this is reached only where something is very wrong. */
const ROUNDS = 100
const LONGEST_PAUSE = 8

/**
 * Sends a statement again as long as it collides with others. A collision changes nothing: it is how stricter isolation
 * levels than READ COMMITTED say that a row has just been changed. The next look shows the change.
 */
export function withRetries(client: SqlClient): SqlClient {
  async function again(
    statement: Statement,
    values: Value[],
    signal: AbortSignal,
    round: number,
  ): Promise<readonly Row[]> {
    await delay(Math.random() * Math.min(LONGEST_PAUSE, 2 ** round), undefined, { signal })
    try {
      return await client.query(statement, values, signal)
    } catch (error) {
      if (!isCollision(error) || round === ROUNDS) throw error
      return again(statement, values, signal, round + 1)
    }
  }
  return {
    ...client,
    query: (statement, values, signal) =>
      client.query(statement, values, signal).catch((error: unknown) => {
        if (!isCollision(error)) throw error
        return again(statement, values, signal, 0)
      }),
  }
}
