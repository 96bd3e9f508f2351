import type { Link } from '../client/link.ts'
import { isCluster, type AnyRedisClient, type RedisClient } from '../client/redis-client.ts'
import type { Keyspace } from '../keyspace.ts'
import { encodeAlias, encodeTombstone } from '../records/remains-layout.ts'
import { RETENTION_MS } from '../retention.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import type { KeptEnds } from './kept-ends.ts'

const CHUNK = 500
const PAUSE = 250

/** What shows that another server answers than before, or the same one after a restart. */
type ServerIdentity = string | undefined

/**
 * Tells a server that may have forgotten them which sessions have ended or been renewed: whenever a connection is made
 * and the server's run id is another one, in a Cluster whenever a node is new or a slot has another master, and whenever
 * the feed's heartbeats tell that data were lost.
 */
export class Replay {
  readonly #client: AnyRedisClient
  readonly #link: Link
  readonly #keyspace: Keyspace
  readonly #ends: KeptEnds
  readonly #now: () => number
  #identity: ServerIdentity
  #isWatching = false
  #isUnderWay = false
  #isWanted = false
  #timer: NodeJS.Timeout | undefined

  constructor(client: AnyRedisClient, link: Link, keyspace: Keyspace, ends: KeptEnds, now: () => number) {
    this.#client = client
    this.#link = link
    this.#keyspace = keyspace
    this.#ends = ends
    this.#now = now
  }

  /** Begins to watch the server's identity, once there is something to remember. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#client.on('ready', this.#onReady)
    if (isCluster(this.#client)) {
      this.#client.on('refresh', this.#onReady)
      this.#client.on('+node', this.#onNode)
      for (const node of this.#client.nodes('all')) node.on('ready', this.#onNode)
    }
    void this.#identify().then((identity) => {
      this.#identity ??= identity
    })
  }

  /** Tells everything again to a server that has lost its data. */
  again(): void {
    this.#start()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#client.off('ready', this.#onReady)
    if (!isCluster(this.#client)) return
    this.#client.off('refresh', this.#onReady)
    this.#client.off('+node', this.#onNode)
    for (const node of this.#client.nodes('all')) node.off('ready', this.#onNode)
  }

  readonly #onReady = (): void => void this.#look()

  /** A node is new, or is connected again: it may be another one, or have come back empty. */
  readonly #onNode = (node: unknown): void => {
    if (node !== undefined) (node as RedisClient).on('ready', this.#onNode)
    this.#start()
  }

  async #look(): Promise<void> {
    const before = this.#identity
    const now = await this.#identify()
    this.#identity = now
    if (now === undefined || now !== before) this.#start()
  }

  #identify(): Promise<ServerIdentity> {
    return isCluster(this.#client) ? Promise.resolve(mastersOf(this.#client.slots)) : this.#runId()
  }

  /** `undefined` where the server's identity may not be asked for: then any connection may be to another one. */
  async #runId(): Promise<ServerIdentity> {
    try {
      const info = String(await this.#client.callBuffer('info', 'server'))
      return /^run_id:(\S+)/m.exec(info)?.[1]
    } catch {
      return undefined
    }
  }

  #start(): void {
    this.#isWanted = true
    if (!this.#isUnderWay) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isUnderWay = true
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        await this.#tellAll()
      }
    } catch {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#start(), PAUSE).unref()
    } finally {
      this.#isUnderWay = false
    }
  }

  async #tellAll(): Promise<void> {
    const all = this.#ends.all()
    const now = this.#now()
    for (let start = 0; start < all.length; start += CHUNK) {
      await this.#link.runEach(
        SCRIPTS.restore,
        all.slice(start, start + CHUNK).map(([key, left]) => ({
          keys: [this.#keyspace.record(key)],
          values:
            'alias' in left
              ? [encodeAlias(key, left.alias), Math.max(0, Math.ceil(left.alias.graceUntil - now)) + RETENTION_MS]
              : [encodeTombstone(key, left.tombstone), RETENTION_MS],
        })),
      )
    }
  }
}

/** Writes down which master has which slots. A node that is restarted is noticed by its new connection. */
function mastersOf(slots: readonly string[][]): string {
  const masters: string[] = []
  for (const [slot, [master = '']] of slots.entries()) {
    if (slots[slot - 1]?.[0] !== master) masters.push(`${slot} ${master}`)
  }
  return masters.join('\n')
}
