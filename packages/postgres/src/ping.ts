import { isPgPool } from './connection/supported-client.ts'
import type { PostgresClient, SqlClient } from './connection/sql-client.ts'
import type { Names } from './schema/names.ts'
import { statement } from './statements/statement.ts'
import { isTrue } from './statements/record-values.ts'
import type { StoreClock } from './store-clock.ts'
import type { Warn } from './warnings.ts'

/** Postgres 14 is the first that reads a range of pages without reading the table, as the sweep does. */
const OLDEST_SERVER = 140_000

const LARGEST_SKEW = 5_000

export interface PingOptions {
  readonly client: SqlClient
  readonly pool: PostgresClient
  readonly names: Names
  readonly clock: StoreClock
  readonly warn: Warn
}

/** Proves that the store can keep sessions, and warns of settings that will be felt when something breaks. */
export function createPing({ client, pool, names, clock, warn }: PingOptions): (signal: AbortSignal) => Promise<void> {
  const question = statement(
    'ping',
    `SELECT ${names.now}() AS now, current_setting('server_version_num') AS server, 
  pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only,
  current_setting('statement_timeout') = '0' AND current_setting('lock_timeout') = '0' AS is_unbounded,
  ${['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((right) => `has_table_privilege('${names.table}', '${right}')`).join(' AND ')} AS may_write`,
  )

  return async (signal) => {
    const askedAt = clock.monotonic()
    const [row] = await client.query(question, [], signal)
    const now = Number(row?.['now'])
    clock.learn(now, askedAt)
    if (Number(row?.['server']) < OLDEST_SERVER) {
      throw new Error(
        `The server of ${names.label} is Postgres ${String(row?.['server'])}. The store needs 14 or later.`,
      )
    }
    if (isTrue(row?.['is_read_only'])) {
      throw new Error(`The server of ${names.label} may only be read: it is a replica, or told so. Ask its primary.`)
    }
    if (!isTrue(row?.['may_write'])) {
      throw new Error(`The role of the store may not write to ${names.label}. Grant it what docs/postgres.md lists.`)
    }
    if (Math.abs(now - Date.now()) > LARGEST_SKEW) warn('WARN_POSTGRES_CLOCK')
    if (!isPgPool(pool)) return
    if (isTrue(row?.['is_unbounded'])) warn('WARN_POSTGRES_STATEMENTS_UNBOUNDED')
    if (!pool.options['connectionTimeoutMillis']) warn('WARN_POSTGRES_CONNECT_UNBOUNDED')
  }
}
