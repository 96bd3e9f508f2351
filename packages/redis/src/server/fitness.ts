import { isCluster, isReply, type AnyRedisClient, type RedisCommands } from '../client/redis-client.ts'
import type { Link } from '../client/link.ts'
import type { Keyspace } from '../keyspace.ts'
import { RedisStoreError } from '../redis-store-error.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import type { Warn } from '../warnings.ts'
import { adviceFor } from './client-settings.ts'

const OLDEST = { server: [6, 2], cluster: [7, 0] } as const
const SKEW = 2_000
const NOBODYS_KEY = 'A'.repeat(22)

/** Looks once whether server and client are fit to keep sessions. */
export class Fitness {
  readonly #client: AnyRedisClient
  readonly #link: Link
  readonly #keyspace: Keyspace
  readonly #warn: Warn

  constructor(client: AnyRedisClient, link: Link, keyspace: Keyspace, warn: Warn) {
    this.#client = client
    this.#link = link
    this.#keyspace = keyspace
    this.#warn = warn
  }

  /**
   * Looks at versions, eviction, scripts and the client's settings. What the server keeps to itself is not looked at.
   *
   * @throws RedisStoreError `ERR_REDIS_UNFIT` if sessions cannot be kept there.
   */
  async check(): Promise<void> {
    const nodes: readonly RedisCommands[] = isCluster(this.#client) ? this.#client.nodes('master') : [this.#client]
    await Promise.all(nodes.map((node) => this.#checkServer(node)))
    await this.#checkScripts()
    const advice = adviceFor(this.#client)
    if (advice !== undefined) this.#warn('WARN_REDIS_CLIENT', advice)
  }

  /** Tells a difference of clocks that is worth knowing. */
  noteSkew(ahead: number): void {
    if (Math.abs(ahead) < SKEW) return
    const seconds = `${Math.round(Math.abs(ahead) / 100) / 10} s ${ahead > 0 ? 'ahead of' : 'behind'} Redis`
    this.#warn('WARN_REDIS_CLOCK', `This machine is ${seconds}. Synchronize both, by NTP for instance.`)
  }

  async #checkServer(node: RedisCommands): Promise<void> {
    const info = await infoOf(node)
    const version = info('redis_version')
    const least = OLDEST[isCluster(this.#client) ? 'cluster' : 'server']
    if (version !== undefined && !isAtLeast(version, least)) {
      const what = isCluster(this.#client) ? 'A Cluster needs' : 'The store needs'
      throw new RedisStoreError(
        'ERR_REDIS_UNFIT',
        `The server is Redis ${version}. ${what} ${least.join('.')} or newer.`,
      )
    }
    const policy = info('maxmemory_policy')
    if (policy !== undefined && policy !== 'noeviction' && info('maxmemory') !== '0') {
      this.#warn(
        'WARN_REDIS_EVICTION',
        `\`maxmemory-policy\` is \`${policy}\`. Set it to \`noeviction\` and watch the memory, or keep sessions in a Redis of their own.`,
      )
    }
  }

  /** A touch of what nobody has: it runs a script, reads a key of the prefix, and changes nothing. */
  async #checkScripts(): Promise<void> {
    try {
      await this.#link.run(SCRIPTS.touch, { keys: [this.#keyspace.record(NOBODYS_KEY)], values: [0, ''] })
    } catch (cause) {
      if (!isReply(cause) || !/^(NOPERM|ERR unknown command)/.test(cause.message)) throw cause
      throw new RedisStoreError(
        'ERR_REDIS_UNFIT',
        `Redis refuses the store's scripts: ${cause.message} The permissions that they need are in docs/redis.md.`,
        { cause },
      )
    }
  }
}

/** Reads the server's INFO; whatever may not be asked for is unknown. */
async function infoOf(node: RedisCommands): Promise<(name: string) => string | undefined> {
  try {
    const text = String(await node.callBuffer('info'))
    return (name) => new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1]
  } catch (error) {
    if (isReply(error) && error.message.startsWith('NOPERM')) return () => undefined
    throw error
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}
