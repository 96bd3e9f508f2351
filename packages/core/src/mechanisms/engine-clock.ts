import type { Clock } from '../contracts/clock.ts'

/** The two clocks of the platform, in milliseconds. */
export interface ClockSource {
  /** Time since the epoch, as the machine believes it now. May be stepped either way. */
  wall(): number
  /** Time since some fixed moment. Never runs backwards. */
  monotonic(): number
}

/** Read at call time, so that a test which replaces `Date` or `performance` is seen. */
const PLATFORM: ClockSource = { wall: () => Date.now(), monotonic: () => performance.now() }

/**
 * Makes the clock that an engine lives by when it was given none: monotonic time plus the largest offset between wall
 * and monotonic time seen so far.
 *
 * - The wall clock is stepped forward (or the machine slept): the clock follows at once, since sessions may have
 *   passed their end.
 * - The wall clock is stepped back: the clock goes on as if nothing had happened, so that no session outlives its end.
 *
 * It never runs backwards, and answers whole milliseconds since the epoch.
 *
 * @param source the platform's clocks.
 * @default Date.now and performance.now
 */
export function engineClock(source: ClockSource = PLATFORM): Clock {
  let offset = Number.NEGATIVE_INFINITY
  return {
    now() {
      const monotonic = source.monotonic()
      const seen = source.wall() - monotonic
      // Written only when it grows, since each number that is kept here is an object of its own.
      if (!(seen <= offset)) offset = seen
      return Math.round(monotonic + offset)
    },
  }
}
