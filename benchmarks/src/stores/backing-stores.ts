/** The Redis and the Postgres that contenders keep records in, as in the tests. */
import { type PostgresServer, type RedisServer, startPostgres, startRedis } from '@holdfast/testkit'
import { Redis } from 'ioredis'

import type { StoreKind } from '../../contenders/contender.ts'
import type { Contender } from '../contenders.ts'
import type { StoreUrls } from '../contender-process.ts'

/** Calls of each command, as Redis counts them. */
export type CommandCounts = Readonly<Record<string, number>>

const NONE: CommandCounts = {}

/** Commands that the harness sends, or that clients send once for a connection. */
const OVERHEAD = new Set(['info', 'flushall', 'config', 'hello', 'client', 'auth', 'select', 'ping', 'memory'])

export class BackingStores {
  readonly #redis: RedisServer | undefined
  readonly #postgres: PostgresServer | undefined
  readonly #client: Redis | undefined

  private constructor(redis: RedisServer | undefined, postgres: PostgresServer | undefined) {
    this.#redis = redis
    this.#postgres = postgres
    this.#client = redis && new Redis(redis.url)
  }

  /** Starts what these contenders need, on the CPU of this process. */
  static async startFor(contenders: readonly Contender[] | 'all'): Promise<BackingStores> {
    const needs = (...kinds: readonly StoreKind[]): boolean =>
      contenders === 'all' || contenders.some(({ store }) => kinds.includes(store))
    const redis = needs('redis', 'redis-uncached', 'redis-sealed') ? await startRedis() : undefined
    const postgres = needs('postgres') ? await startPostgres() : undefined
    return new BackingStores(redis, postgres)
  }

  /** The administration's own connection to Redis. */
  get redis(): Redis {
    if (this.#client === undefined) throw new Error('Redis was not started.')
    return this.#client
  }

  /** Empties Redis and makes a new database. Answers where both are. */
  async renew(): Promise<StoreUrls> {
    await this.#client?.flushall()
    return { redisUrl: this.#redis?.url ?? '', postgresUrl: (await this.#postgres?.createDatabase()) ?? '' }
  }

  /** Counts the commands that Redis has carried out so far. */
  async redisCommands(): Promise<CommandCounts> {
    if (this.#client === undefined) return NONE
    const info = await this.#client.info('commandstats')
    const counts: Record<string, number> = {}
    for (const [, name = '', calls] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
      if (!OVERHEAD.has(name.split('|')[0] ?? '')) counts[name] = Number(calls)
    }
    return counts
  }

  async stop(): Promise<void> {
    this.#client?.disconnect()
    await this.#redis?.stop()
    await this.#postgres?.stop()
  }
}

/** What was counted between two readings. */
export function commandsBetween(before: CommandCounts, after: CommandCounts): CommandCounts {
  const counts: Record<string, number> = {}
  for (const [name, calls] of Object.entries(after)) {
    const more = calls - (before[name] ?? 0)
    if (more > 0) counts[name] = more
  }
  return counts
}
