import type { AnyStore, Pingable } from '@holdfast/core'
import { postgresStore } from '@holdfast/postgres'
import { redisStore } from '@holdfast/redis'
import { Cluster, Redis } from 'ioredis'
import pg from 'pg'

/** A store that processes share, in words that can be handed to them. */
export type SharedStore =
  | { readonly type: 'redis'; readonly url: string; readonly prefix?: string }
  | { readonly type: 'sentinel'; readonly sentinels: readonly Address[]; readonly name: string }
  | { readonly type: 'cluster'; readonly nodes: readonly Address[] }
  | { readonly type: 'postgres'; readonly url: string; readonly feed?: 'poll' | 'listen'; readonly poolSize?: number }

export interface Address {
  readonly host: string
  readonly port: number
}

/** A store, and how to let go of it and its client. */
export interface OpenedStore {
  readonly store: AnyStore
  /** Lets the application itself hold every connection of its pool for so many milliseconds, if it has one. */
  exhaust?(milliseconds: number): Promise<void>
  close(): Promise<void>
}

/** As docs/redis.md recommends: no command waits for a server that is away, and none is sent twice. */
const CONNECTION = {
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 1000,
  commandTimeout: 1000,
}

const REDIS = {
  ...CONNECTION,
  enableOfflineQueue: false,
  retryStrategy: (attempt: number) => Math.min(20 * attempt, 200),
}

/** Connects to a shared store, and waits until it answers. */
export async function openStore(choice: SharedStore): Promise<OpenedStore> {
  const opened = choice.type === 'postgres' ? openPostgres(choice) : openRedis(choice)
  await opened.ready
  return opened
}

function openRedis(
  choice: Exclude<SharedStore, { readonly type: 'postgres' }>,
): OpenedStore & { ready: Promise<void> } {
  const client = redisClient(choice)
  // What goes wrong is told by each call; an `error` event that nobody hears would end the process.
  client.on('error', () => {})
  const store = redisStore({ client, prefix: ('prefix' in choice && choice.prefix) || 'holdfast' })
  const ready =
    client.status === 'ready' ? Promise.resolve() : new Promise<void>((resolve) => client.once('ready', resolve))
  return { store, ready, close: async () => client.disconnect() }
}

function redisClient(choice: Exclude<SharedStore, { readonly type: 'postgres' }>): Redis | Cluster {
  switch (choice.type) {
    case 'redis':
      return new Redis(choice.url, REDIS)
    case 'sentinel':
      // A master that comes back from a stall goes on as one until the Sentinels tell it: only they know who is.
      return new Redis({ ...REDIS, sentinels: [...choice.sentinels], name: choice.name, failoverDetector: true })
    case 'cluster':
      return new Cluster([...choice.nodes], {
        enableOfflineQueue: false,
        slotsRefreshTimeout: 500,
        slotsRefreshInterval: 1000,
        redisOptions: CONNECTION,
      })
  }
}

function openPostgres({
  url,
  feed = 'poll',
  poolSize = 4,
}: Extract<SharedStore, { readonly type: 'postgres' }>): OpenedStore & { ready: Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, connectionTimeoutMillis: 1000 })
  const store = postgresStore({ pool, feed })
  const exhaust = async (milliseconds: number): Promise<void> => {
    const sleeps = Array.from({ length: poolSize }, () => pool.query('SELECT pg_sleep($1)', [milliseconds / 1000]))
    await Promise.all(sleeps)
  }
  return { store, ready: untilAnswered(store), exhaust, close: () => pool.end() }
}

/** On a busy machine a connection may take longer than a pool waits for it. */
async function untilAnswered(store: Pingable): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  for (;;) {
    try {
      return await store.ping({ signal })
    } catch (error) {
      if (signal.aborted) throw error
    }
  }
}
