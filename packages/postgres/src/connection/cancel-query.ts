import type { PgClient, PgPool } from './sql-client.ts'

/** What `pg` has to send a request that stops a query, over a connection of its own. */
interface Connection {
  readonly stream?: { unref?(): void; destroy?(): void }
  on(event: 'connect' | 'error', listener: () => void): unknown
  connect(portOrPath: number | string, host?: string): void
  cancel(processID: number, secretKey: unknown): void
}

/** Where a `pg` Client is connected, and by which numbers its backend is known. */
interface Address {
  readonly host?: string
  readonly port?: number
  readonly processID?: number | null
  readonly secretKey?: unknown
}

/** The server closes the connection once it has read the request; a server that is stopped does not. */
const PATIENCE = 5_000

/**
 * Asks the server to stop what a connection waits for, which was destroyed on this side. Otherwise a backend that waits
 * for a lock goes on waiting, and under a lasting lock one after the other piles up until the server takes no more.
 *
 * Nothing depends on its success.
 */
export function cancelQuery(pool: PgPool, client: PgClient): void {
  const { host, port, processID, secretKey } = client as Address
  if (host === undefined || port === undefined || typeof processID !== 'number') return
  if (typeof pool.Client !== 'function') return
  try {
    const { connection } = new pool.Client(pool.options) as unknown as { connection?: Connection }
    if (typeof connection?.cancel !== 'function') return
    connection.on('error', () => {})
    connection.on('connect', () => connection.cancel(processID, secretKey))
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`)
    else connection.connect(port, host)
    connection.stream?.unref?.()
    setTimeout(() => connection.stream?.destroy?.(), PATIENCE).unref()
  } catch {
    // The end of what it waits for, or `statement_timeout`, frees the backend.
  }
}
