import type { Clock } from '@holdfast/core'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock by milliseconds, either way. */
  advance(by: number): void
}

/** Makes a {@link ManualClock}. */
export function manualClock(start: number = Date.UTC(2030, 0, 1)): ManualClock {
  let time = start
  return {
    now: () => time,
    advance: (by) => {
      time += by
    },
  }
}
