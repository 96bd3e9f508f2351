import type {
  ChangeFeed,
  Closable,
  Clocked,
  Countable,
  Generational,
  Pingable,
  Prefixed,
  Resettable,
  SessionStore,
  SubjectIndex,
  Sweepable,
  Trimmable,
} from '@holdfast/core'
import { plainClient } from './connection/plain-client.ts'
import { poolClient } from './connection/pool-client.ts'
import type { PgPool, SqlClient } from './connection/sql-client.ts'
import { isPgPool } from './connection/supported-client.ts'
import { withRetries } from './connection/with-retries.ts'
import { createFeed, type Feed } from './feed/feed.ts'
import type { FeedClient } from './feed/feed-client.ts'
import { listenSource } from './feed/listen-source.ts'
import { pollSource } from './feed/poll-source.ts'
import { resolveOptions, type PostgresStoreOptions, type Settings } from './options/postgres-store-options.ts'
import { createPing } from './ping.ts'
import { createStart, whenReady } from './schema/start.ts'
import { statementsOf, type Statements } from './statements/statements.ts'
import { StoreClock } from './store-clock.ts'
import { createSweeper } from './sweeper.ts'
import { verbsOf } from './verbs/verbs.ts'
import { createWarner, type Warn } from './warnings.ts'

/** A store in Postgres. It has a `ChangeFeed` unless that was switched off. */
export type PostgresStore = SessionStore &
  SubjectIndex &
  Partial<ChangeFeed> &
  Trimmable &
  Generational &
  Countable &
  Sweepable &
  Pingable &
  Closable &
  Clocked &
  Resettable &
  Prefixed & {
    /** Makes or updates the schema. Any number of processes may call it at once. */
    migrate(): Promise<void>
  }

/**
 * Makes a store over your own `pg` Pool, or over a PGlite.
 *
 * - Before its first statement it makes its table, if that is missing; see `migrate`.
 * - Deadlines are judged by the clock of the database.
 * - A statement whose caller has given up is cancelled and its connection replaced.
 * - `close()` ends timers and the feed, and leaves the pool to you.
 *
 * @throws `OptionsError` (`ERR_OPTIONS`) with all problems at once.
 *
 * @example
 * ```ts
 * import { createSessions } from '@holdfast/core'
 * import { postgresStore } from '@holdfast/postgres'
 * import { Pool } from 'pg'
 *
 * const pool = new Pool({ connectionString: process.env['DATABASE_URL'], connectionTimeoutMillis: 1000 })
 * const sessions = createSessions({ store: postgresStore({ pool }) })
 * await sessions.ready()
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const settings = resolveOptions(options)
  const { names, pool, isAutomatic, prepare } = settings
  const warn = createWarner()
  const clock = new StoreClock()
  const bare = withRetries(isPgPool(pool) ? poolClient(pool, { prepare, warn }) : plainClient(pool))
  const start = createStart({ client: bare, names, clock, isAutomatic, onReady: () => sweeper.start() })
  const client = whenReady(bare, start)
  const statements = statementsOf(names)
  const sweeper = createSweeper({ client, statements, interval: settings.sweepInterval })
  const ping = createPing({ client, pool, names, clock, warn })
  const feed = feedOf(settings, { client, statements, clock, warn })

  return {
    name: 'postgres',
    prefix: names.label,
    capabilities: Object.freeze({ isShared: true, isDurable: true }),
    ...verbsOf({ client, statements, clock, channel: settings.feed === 'listen' ? names.channel : null }),
    ...feed?.power,
    sweep: ({ signal }) => sweeper.sweep(signal),
    ping: ({ signal }) => ping(signal),
    clock: {
      now() {
        start.begin()
        return clock.now()
      },
    },
    reset: (reason) => client.reset(reason),
    migrate: () => start.migrate(),
    async close() {
      sweeper.stop()
      feed?.close()
    },
  }
}

function feedOf(
  { feed, feedInterval: interval, listen, names: { channel }, pool }: Settings,
  { client, statements, clock, warn }: { client: SqlClient; statements: Statements; clock: StoreClock; warn: Warn },
): Feed | undefined {
  const monotonic = (): number => clock.monotonic()
  switch (feed) {
    case false:
      return undefined
    case 'poll':
      return createFeed(pollSource({ client, statement: statements.poll, interval, monotonic }), monotonic)
    case 'listen': {
      const notify = (payload: string, signal: AbortSignal): Promise<unknown> =>
        client.query(statements.notify, [channel, payload], signal)
      const connect = listen ?? ((): FeedClient => listenerLike(pool as PgPool))
      return createFeed(listenSource({ channel, interval, monotonic, warn, connect, notify }), monotonic)
    }
  }
}

/** Makes a Client that connects as those of the pool do. */
function listenerLike(pool: PgPool): FeedClient {
  return new pool.Client(pool.options) as unknown as FeedClient
}
