import type { Row } from '../statements/statement.ts'
import type { PostgresClient, SqlClient } from './sql-client.ts'

/** Asks a client that has nothing but `query`. It cannot be told to stop: what comes too late is dropped. */
export function plainClient(client: PostgresClient): SqlClient {
  return {
    async query({ text }, values, signal) {
      signal.throwIfAborted()
      return new Promise<readonly Row[]>((resolve, reject) => {
        const giveUp = (): void => reject(signal.reason)
        signal.addEventListener('abort', giveUp, { once: true })
        client
          .query(text, values)
          .then(rowsOf)
          .then(resolve, reject)
          .finally(() => signal.removeEventListener('abort', giveUp))
      })
    },
    reset() {},
  }
}

function rowsOf(answer: { rows: readonly Row[] } | undefined): readonly Row[] {
  if (Array.isArray(answer?.rows)) return answer.rows
  throw new TypeError('The client of the Postgres store answered without `rows`. Hand in a `pg` Pool or a PGlite.')
}
