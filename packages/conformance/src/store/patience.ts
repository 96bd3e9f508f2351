import { setTimeout as wait } from 'node:timers/promises'

const BEAT = 5

/** How often the longest delay of the event loop is added. */
const TIMES = 5

/**
 * Resolves after so many milliseconds, and five times the longest delay of the event loop that was seen meanwhile: a
 * machine that is busy is late with everything, and says nothing about a store.
 */
export async function patience(ms: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  let longest = 0
  for (let beganAt = startedAt; beganAt - startedAt < ms + TIMES * longest;) {
    await wait(BEAT, undefined, { signal })
    const now = performance.now()
    longest = Math.max(longest, now - beganAt - BEAT)
    beganAt = now
  }
}
