import { isCluster, type AnyRedisClient } from './redis-client.ts'

/** How long after a loss of the connection a command waits for the next one, in milliseconds. */
const PATIENCE = 100

/**
 * Lets commands wait for a client that has just lost its connection. A lost connection is mostly replaced within some
 * hundredths of a second: whoever asks then, or asks once more because the answer was lost, is better answered a moment
 * later than refused. A server that stays away for longer is told of at once. A Cluster client does that itself.
 */
export class Reconnection {
  readonly #client: AnyRedisClient
  readonly #waiting: (() => void)[] = []
  #lostAt: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(client: AnyRedisClient) {
    this.#client = client
    if (isCluster(client)) return
    client.on('close', this.#onClose)
    client.on('ready', this.#onReady)
  }

  /** Answers what to wait for before anything is sent; mostly nothing. */
  pause(): Promise<void> | undefined {
    if (this.#lostAt === undefined) return undefined
    const left = this.#lostAt + PATIENCE - performance.now()
    if (left <= 0) return undefined
    this.#timer ??= setTimeout(this.#release, left)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  stop(): void {
    this.#client.off('close', this.#onClose)
    this.#client.off('ready', this.#onReady)
    this.#release()
  }

  /** Told again of each attempt that fails: the loss was the first. */
  readonly #onClose = (): void => {
    this.#lostAt ??= performance.now()
  }

  readonly #onReady = (): void => {
    this.#lostAt = undefined
    this.#release()
  }

  readonly #release = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const go of this.#waiting.splice(0)) go()
  }
}
