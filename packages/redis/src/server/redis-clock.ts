import type { Clock } from '@holdfast/core'

/** How long a measurement is trusted, in milliseconds. */
const FRESH = 60_000

/** A measurement that took longer than this, in milliseconds, is used only if there is no other. */
const PROMPT = 50

/** Asks the server for its time, in milliseconds since the epoch. */
export type AskTime = () => Promise<number>

/**
 * Tells the time of the Redis server: monotonic time plus an offset that is measured at the first use and once a minute.
 *
 * Before the first measurement it is monotonic time plus the largest offset between wall and monotonic time seen so far.
 */
export class RedisClock implements Clock {
  readonly #ask: AskTime
  #offset: number | undefined
  #wallOffset = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(ask: AskTime) {
    this.#ask = ask
  }

  now(): number {
    const monotonic = performance.now()
    if (monotonic - this.#askedAt > FRESH) {
      this.#askedAt = monotonic
      this.measure().catch(() => {})
    }
    if (this.#offset !== undefined) return Math.round(monotonic + this.#offset)
    this.#wallOffset = Math.max(this.#wallOffset, Date.now() - monotonic)
    return Math.round(monotonic + this.#wallOffset)
  }

  /** Measures the offset; answers by how much this machine's wall clock is ahead, in milliseconds. */
  async measure(): Promise<number> {
    const askedAt = performance.now()
    this.#askedAt = askedAt
    const serverTime = await this.#ask()
    const answeredAt = performance.now()
    const offset = serverTime - (askedAt + answeredAt) / 2
    if (this.#offset === undefined || answeredAt - askedAt <= PROMPT) this.#offset = offset
    return Date.now() - answeredAt - offset
  }
}
