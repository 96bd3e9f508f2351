import type { Duration } from '@holdfast/core'
import type { PostgresClient } from '../connection/sql-client.ts'
import { clientProblem, isPgPool } from '../connection/supported-client.ts'
import type { FeedClient } from '../feed/feed-client.ts'
import type { Names } from '../schema/names.ts'
import { RETENTION } from '../retention.ts'
import { milliseconds } from './duration.ts'
import { PostgresOptionsError, type Problem } from './options-error.ts'
import { resolveNames, type SchemaOptions } from './schema-options.ts'

/** What `postgresStore` may be told. */
export interface PostgresStoreOptions extends SchemaOptions {
  /** Your `pg` Pool, a PGlite, or anything with the same `query(text, values)`. The store never ends it. */
  readonly pool: PostgresClient
  /**
   * Whether the store makes or updates its schema before its first statement.
   *
   * - `'auto'`: if it is missing or older than this release. Where it is there, no right to make it is needed.
   * - `false`: never. A missing schema is an error that says what to run.
   *
   * @default 'auto'
   */
  readonly migrate?: 'auto' | false | undefined
  /**
   * Whether connections of a `pg` Pool keep the plans of the store's statements. Write `false` behind a pooler in
   * transaction mode that does not follow prepared statements (pgbouncer before 1.21).
   *
   * @default true
   */
  readonly prepare?: boolean | undefined
  /**
   * How often this process removes what is past its end, give or take half of it. `false`: never; then call
   * `store.sweep()` elsewhere. Nothing but disk space depends on it.
   *
   * @default '5m'
   */
  readonly sweepInterval?: Duration | false | undefined
  /**
   * How this process hears of ends and renewals by others, if its engine asks for them.
   *
   * - `'poll'`: by a look at what was laid since the last one. Passes any pooler, costs writers nothing.
   * - `'listen'`: by LISTEN, at once, on a connection of its own. Every store of the table must say so, since it is
   *   the writer who notifies, and each end and renewal then takes a lock of the whole server at its commit.
   * - `false`: not at all.
   *
   * @default 'poll'
   */
  readonly feed?: 'poll' | 'listen' | false | undefined
  /**
   * How long the feed waits between two looks, and between two heartbeats of `'listen'`. Looks may be at most 15 seconds
   * apart, since what they look for lies in the table for a minute.
   *
   * @default '500ms'
   */
  readonly feedInterval?: Duration | undefined
  /**
   * Makes the `pg` Client on which `feed: 'listen'` listens, where it must not be like those of the pool: it needs a
   * direct connection, or a pooler in session mode.
   *
   * @default a Client with the options of the pool
   */
  readonly listen?: (() => FeedClient) | undefined
}

/** {@link PostgresStoreOptions} with all defaults filled in. */
export interface Settings {
  readonly pool: PostgresClient
  readonly names: Names
  readonly isAutomatic: boolean
  readonly prepare: boolean
  readonly sweepInterval: number | false
  readonly feed: 'poll' | 'listen' | false
  readonly feedInterval: number
  readonly listen: (() => FeedClient) | undefined
}

const KNOWN = ['pool', 'schema', 'table', 'migrate', 'prepare', 'sweepInterval', 'feed', 'feedInterval', 'listen']
const SHORTEST_SWEEP = 1_000
const SHORTEST_FEED = 10
/** Waited for and then looked for as long, two looks are still within half of the retention of each other. */
const LONGEST_POLL = RETENTION / 4

/** Checks the options and fills in defaults; throws `OptionsError` (`ERR_OPTIONS`) with all problems. */
export function resolveOptions(options: PostgresStoreOptions): Settings {
  const problems: Problem[] = []
  const complain = (path: string, message: string): void => void problems.push({ path, message })
  if (typeof options !== 'object' || options === null) {
    throw new PostgresOptionsError('postgresStore', [{ path: 'pool', message: clientProblem(undefined) ?? '' }])
  }
  for (const path of Object.keys(options)) {
    if (!KNOWN.includes(path)) complain(path, `is not an option. Known are ${KNOWN.join(', ')}.`)
  }
  const {
    pool,
    migrate = 'auto',
    prepare = true,
    sweepInterval = '5m',
    feed = 'poll',
    feedInterval = '500ms',
    listen,
  } = options
  const poolMessage = clientProblem(pool)
  if (poolMessage !== undefined) complain('pool', poolMessage)
  const names = resolveNames(options, problems)
  if (migrate !== 'auto' && migrate !== false) complain('migrate', `is ${show(migrate)}. Write 'auto' or false.`)
  if (typeof prepare !== 'boolean') complain('prepare', `is ${show(prepare)}. Write true or false.`)
  const sweepEvery = sweepInterval === false ? false : milliseconds(sweepInterval)
  if (sweepEvery === undefined || (sweepEvery !== false && sweepEvery < SHORTEST_SWEEP)) {
    complain(
      'sweepInterval',
      `is ${show(sweepInterval)}. Write a duration of at least a second, such as '5m', or false.`,
    )
  }
  const feedEvery = milliseconds(feedInterval)
  if (feedEvery === undefined || feedEvery < SHORTEST_FEED) {
    complain('feedInterval', `is ${show(feedInterval)}. Write a duration of at least 10 ms, such as '500ms'.`)
  } else if (feed === 'poll' && feedEvery > LONGEST_POLL) {
    complain(
      'feedInterval',
      `is ${show(feedInterval)}, too long for a feed by poll: ends could go untold. Write 15s or less, such as '500ms'.`,
    )
  }
  if (feed !== 'poll' && feed !== 'listen' && feed !== false) {
    complain('feed', `is ${show(feed)}. Write 'poll', 'listen' or false.`)
  }
  if (listen !== undefined && typeof listen !== 'function') {
    complain('listen', `is ${show(listen)}. Write a function that answers a new \`pg\` Client.`)
  }
  if (feed === 'listen' && listen === undefined && poolMessage === undefined && !isPgPool(pool)) {
    complain('feed', "is 'listen', which needs a `pg` Pool or the option `listen`. Write 'poll', or add `listen`.")
  }
  if (problems.length > 0) throw new PostgresOptionsError('postgresStore', problems)
  return Object.freeze({
    pool,
    names,
    isAutomatic: migrate === 'auto',
    prepare,
    sweepInterval: sweepEvery as number | false,
    feed,
    feedInterval: feedEvery as number,
    listen,
  })
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
