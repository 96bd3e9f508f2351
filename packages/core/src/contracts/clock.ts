/**
 * Tells the time by which sessions live and end, in epoch milliseconds.
 *
 * Only lifetimes read this clock. Deadlines of store calls, retries and the circuit run on the platform's monotonic
 * clock, so that a test which stands still in time never waits for ever.
 *
 * @example
 * ```ts
 * import { createSessions, memoryStore, type Clock } from '@holdfast/core'
 *
 * let time = Date.UTC(2030, 0, 1)
 * const clock: Clock = { now: () => time }
 * const sessions = createSessions({ store: memoryStore({ clock }), clock })
 * time += 31 * 60_000 // every session that was not used since has passed its idle timeout
 * ```
 */
export interface Clock {
  now(): number
}
