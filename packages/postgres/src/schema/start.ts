import type { SqlClient } from '../connection/sql-client.ts'
import { sqlState } from '../connection/sql-state.ts'
import { statement, type Row } from '../statements/statement.ts'
import type { StoreClock } from '../store-clock.ts'
import { migrationStatement, SCHEMA_VERSION } from './migration.ts'
import type { Names } from './names.ts'

/** What the store does before its first statement. */
export interface Start {
  /** Resolves when the schema is known to be there. Tries again as long as it is not; never remembers a failure. */
  ready(signal: AbortSignal): Promise<void>
  isReady(): boolean
  /** Begins, if that is still to be done. Nobody waits, so nobody hears of a failure. */
  begin(): void
  /** Takes note that a statement failed. Where the schema has gone, the next call starts anew. */
  failed(error: unknown): void
  /** Brings the schema to this version. */
  migrate(signal?: AbortSignal): Promise<void>
}

export interface StartOptions {
  readonly client: SqlClient
  readonly names: Names
  readonly clock: StoreClock
  readonly isAutomatic: boolean
  onReady(): void
}

/** A start outlives the call that began it; those who cannot wait go, and the next ones find it done. */
const PATIENCE = 10_000

export function createStart({ client, names, clock, isAutomatic, onReady }: StartOptions): Start {
  const versionStatement = statement('version', `SELECT ${names.version}() AS version, ${names.now}() AS now`)
  const migration = statement('migrate', migrationStatement(names))
  let isReady = false
  let underWay: Promise<void> | undefined

  async function installedVersion(signal: AbortSignal): Promise<number> {
    const askedAt = clock.monotonic()
    try {
      const [row] = await client.query(versionStatement, [], signal)
      clock.learn(Number(row?.['now']), askedAt)
      return Number(row?.['version'])
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }

  async function migrate(signal: AbortSignal = AbortSignal.timeout(PATIENCE)): Promise<void> {
    try {
      await client.query(migration, [], signal)
    } catch (cause) {
      if (sqlState(cause) !== '42501') throw cause
      throw new Error(
        `The tables of the Postgres store could not be made in ${names.label}. Its role may not create them. \
Run the SQL that \`migrationSql()\` answers as a role that may, and grant what docs/postgres.md lists.`,
        { cause },
      )
    }
  }

  async function attempt(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE)
    const version = await installedVersion(signal)
    if (version < SCHEMA_VERSION) {
      if (!isAutomatic) throw missing(names, version)
      await migrate(signal)
      await installedVersion(signal) // for the clock
    }
    isReady = true
    onReady()
  }

  function begun(): Promise<void> {
    underWay ??= attempt().finally(() => (underWay = undefined))
    return underWay
  }

  return {
    isReady: () => isReady,
    begin() {
      if (!isReady && underWay === undefined) begun().catch(() => {})
    },
    failed(error) {
      if (isMissing(error)) isReady = false
    },
    migrate,
    ready(signal) {
      if (isReady) return Promise.resolve()
      signal.throwIfAborted()
      return orAborted(begun(), signal)
    },
  }
}

/** Lets statements wait for the start. */
export function whenReady(client: SqlClient, start: Start): SqlClient {
  async function query(...[statement, values, signal]: Parameters<SqlClient['query']>): Promise<readonly Row[]> {
    if (!start.isReady()) await start.ready(signal)
    try {
      return await client.query(statement, values, signal)
    } catch (error) {
      start.failed(error)
      throw error
    }
  }
  return { ...client, query }
}

function isMissing(error: unknown): boolean {
  const state = sqlState(error)
  return state === '42883' || state === '42P01' || state === '3F000'
}

function missing({ label }: Names, version: number): Error {
  const found = version === 0 ? 'is missing' : `has version ${version}, and this release needs ${SCHEMA_VERSION}`
  return new Error(
    `The schema of the Postgres store in ${label} ${found}, and \`migrate: false\` forbids to make it. No session can be \
kept. Call \`await store.migrate()\` once before the start, or run the SQL that \`migrationSql()\` answers.`,
  )
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
