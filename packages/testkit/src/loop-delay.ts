/** Measures how late the event loop is while something runs. */
export interface LoopDelay {
  /** Ends the measuring and answers the longest delay of a timer, in milliseconds. */
  stop(): number
}

const BEAT = 5

/** Starts a {@link LoopDelay}. */
export function measureLoopDelay(): LoopDelay {
  let longest = 0
  let expectedAt = performance.now() + BEAT
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - expectedAt)
    expectedAt = now + BEAT
  }, BEAT)
  return {
    stop: () => {
      clearInterval(timer)
      // A loop that has been blocked ever since has not run the timer yet.
      return Math.max(longest, performance.now() - expectedAt)
    },
  }
}
