import type { Deployment } from '../client/deployment.ts'
import { closeOwn, openOwn } from '../client/own-connection.ts'
import type { RedisClient } from '../client/redis-client.ts'

/** Whom a feed's connection tells what. */
export interface FeedEar {
  onOpen(): void
  onMessage(text: string): void
  onClosed(): void
}

const SHORTEST_PAUSE = 50
const LONGEST_PAUSE = 1_000

/** A connection that listens to one channel, and is made anew whenever it is lost. */
export class FeedConnection {
  readonly #deployment: Deployment
  readonly #channel: string
  readonly #ear: FeedEar
  #client: RedisClient | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #isClosed = false

  constructor(deployment: Deployment, channel: string, ear: FeedEar) {
    this.#deployment = deployment
    this.#channel = channel
    this.#ear = ear
    this.#open()
  }

  /** Gives the connection up and makes another. */
  renew(): void {
    if (this.#client !== undefined) this.#lose(this.#client)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    if (this.#client !== undefined) this.#lose(this.#client)
  }

  #open(): void {
    const client: RedisClient | undefined = openOwn(this.#deployment, this.#channel, () => {
      if (client !== undefined) this.#lose(client)
    })
    if (client === undefined) return this.#later()
    this.#client = client
    const isSharded = this.#deployment.isCluster
    // As buffers, since ioredis makes texts of the channel as well.
    client.on(isSharded ? 'smessageBuffer' : 'messageBuffer', (_, text) => {
      if (this.#client === client) this.#ear.onMessage(String(text))
    })
    const subscribed = client.connect().then(() => client[isSharded ? 'ssubscribe' : 'subscribe'](this.#channel))
    subscribed.then(
      () => {
        if (this.#client !== client) return
        this.#failures = 0
        this.#ear.onOpen()
      },
      () => this.#lose(client),
    )
  }

  #lose(client: RedisClient): void {
    if (this.#client !== client) return
    this.#client = undefined
    closeOwn(client)
    this.#ear.onClosed()
    if (!this.#isClosed) this.#later()
  }

  #later(): void {
    const pause = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** this.#failures)
    this.#failures += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(), pause * (0.5 + Math.random() / 2)).unref()
  }
}
