import type { Clock } from '@holdfast/core'

/** The clocks that a store reads. */
export interface ClockSource {
  wall(): number
  monotonic(): number
}

const PLATFORM: ClockSource = { wall: () => Date.now(), monotonic: () => performance.now() }

/** A step back by more is followed: the database has another clock now. A smaller one is a better measurement. */
const LARGEST_CORRECTION = 1_000

/**
 * Tells the time of the database: monotonic time of this process, plus the offset that answers have shown.
 *
 * Each answer that carries the database's time bounds the offset: the time was read after the question left and before
 * the answer came. The offset moves into those bounds and no farther, so quick answers make it exact, slow ones do no
 * harm, and a new server with another clock is followed at once.
 */
export class StoreClock implements Clock {
  readonly #source: ClockSource
  #offset: number | undefined
  #latest = Number.NEGATIVE_INFINITY

  constructor(source: ClockSource = PLATFORM) {
    this.#source = source
  }

  /** Reads the clock by which questions and answers are timed. */
  monotonic(): number {
    return this.#source.monotonic()
  }

  /** Takes note of what time it was in the database, in whole milliseconds, between two instants of monotonic time. */
  learn(time: number, askedAt: number, answeredAt: number = this.#source.monotonic()): void {
    const least = time - answeredAt
    const most = time + 1 - askedAt
    this.#offset = Math.min(Math.max(this.#offset ?? (least + most) / 2, least), most)
  }

  /** Tells store time, in whole milliseconds; before the first answer, what this machine believes. */
  now(): number {
    const time = Math.floor(this.#offset === undefined ? this.#source.wall() : this.#source.monotonic() + this.#offset)
    if (time < this.#latest && this.#latest - time < LARGEST_CORRECTION) return this.#latest
    this.#latest = time
    return time
  }
}
