import { randomBytes } from 'node:crypto'
import type { StoreHarness } from '@holdfast/conformance'
import { postgresUrl } from '@holdfast/testkit'
import { Pool, type PoolConfig } from 'pg'
import { migrationSql, postgresStore, type PostgresStore, type PostgresStoreOptions } from '../../src/index.ts'
import { documentedGrants } from './documented-grants.ts'
import { movableClock } from './movable-clock.ts'

export const SCHEMA = 'house'
export const TABLE = 'sessions'
export const QUALIFIED: string = `${SCHEMA}.${TABLE}`

export interface StageOptions {
  /** The address of a server, as superuser. @default the shared one */
  readonly url?: string
  /** Settings of the database, such as `TimeZone`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A database of one's own, with the schema in it, and a role that may do what docs/postgres.md grants and nothing else. */
export interface Stage {
  /** As superuser. */
  readonly admin: Pool
  /** Of the database, as the role. */
  readonly url: string
  readonly role: string
  /** Makes a pool as the role; it ends with the stage. */
  pool(options?: PoolConfig): Pool
  /** Makes a store over a pool of the stage. */
  store(options?: Partial<PostgresStoreOptions>): PostgresStore
  /** Makes an empty store with a clock that can be moved, for one case of the conformance suite. */
  harness(options: Partial<PostgresStoreOptions>): Promise<StoreHarness>
  close(): Promise<void>
}

export async function createStage({ url: serverUrl, settings = {} }: StageOptions = {}): Promise<Stage> {
  const suffix = randomBytes(5).toString('hex')
  const [database, role] = [`db_${suffix}`, `app_${suffix}`]
  const server = new Pool({ connectionString: serverUrl ?? (await postgresUrl()), max: 1 })
  server.on('error', () => {})
  await server.query(`CREATE DATABASE ${database}`)
  await server.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
  for (const [name, value] of Object.entries(settings)) {
    await server.query(`ALTER DATABASE ${database} SET "${name}" = '${value}'`)
  }
  const adminUrl = new URL(serverUrl ?? (await postgresUrl()))
  adminUrl.pathname = database
  const admin = new Pool({ connectionString: adminUrl.href, max: 4 })
  admin.on('error', () => {})
  // Nothing is granted to everybody, so that what is granted to the role is all that it needs.
  await admin.query('ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC')
  await admin.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
  await admin.query(migrationSql({ schema: SCHEMA, table: TABLE }))
  await admin.query(documentedGrants({ role, schema: SCHEMA, table: TABLE }))
  const url = new URL(adminUrl)
  url.username = role
  url.password = role
  const pools: Pool[] = []
  const stores: PostgresStore[] = []
  let clock: Awaited<ReturnType<typeof movableClock>> | undefined

  const stage: Stage = {
    admin,
    url: url.href,
    role,
    pool(options) {
      const pool = new Pool({ connectionString: url.href, connectionTimeoutMillis: 10_000, ...options })
      pools.push(pool)
      return pool
    },
    store(options) {
      const store = postgresStore({
        pool: options?.pool ?? stage.pool(),
        schema: SCHEMA,
        table: TABLE,
        migrate: false,
        sweepInterval: false,
        ...options,
      })
      stores.push(store)
      return store
    },
    async harness(options) {
      clock ??= await movableClock(admin, TABLE, SCHEMA)
      await admin.query(`DELETE FROM ${QUALIFIED}`)
      await clock.reset()
      const store = stage.store({ feedInterval: 50, ...options })
      return { store, advance: (ms) => clock!.advance(ms, store), close: () => store.close() }
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()))
      await Promise.all([admin, ...pools].filter((pool) => !pool.ending).map((pool) => pool.end()))
      await server.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await server.query(`DROP ROLE ${role}`)
      await server.end()
    },
  }
  return stage
}
