/**
 * Knows the generation that sessions must have been made under. Whatever was made under an earlier one has ended.
 *
 * It is asked for when requests need it, so that an engine without requests asks nothing: what was read within a
 * heartbeat counts; within two it counts and is read anew meanwhile; later requests wait for it as for their session.
 */
import type { Clock } from '../contracts/clock.ts'
import type { GuardedStore } from './guard.ts'

/** How long a generation counts without being read anew, in milliseconds. */
const HEARTBEAT = 1000

export interface Generations {
  /** The greatest that was heard of. */
  readonly known: number
  /** Resolves once it is known well enough; `undefined` where it is. Rejects with a `StoreError`. `now`: monotonic milliseconds. */
  refresh(now?: number): Promise<unknown> | undefined
  /** Takes note that a change may have gone unheard. */
  doubt(): void
  /** Ends all sessions of now. @throws StoreError */
  raise(): Promise<void>
  /** Whether a session was made under an earlier generation. */
  isPast(session: { readonly generation?: number | undefined }): boolean
}

export interface GenerationsParts {
  readonly store: GuardedStore
  readonly clock: Clock
  /** Whether the store has that power. */
  readonly isGenerational: boolean
}

export function createGenerations(
  { store, clock, isGenerational }: GenerationsParts,
  monotonic: () => number = () => performance.now(),
): Generations {
  let known = 0
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let doubts = 0

  async function read(): Promise<void> {
    const beganAt = monotonic()
    const doubtsBefore = doubts
    const told = await store.generation()
    // A store that went back, by a failover or a restore, is told again: what has ended stays so.
    if (told < known) await store.raiseGeneration(known)
    known = Math.max(known, told)
    if (doubts === doubtsBefore) readAt = beganAt
  }

  function readOnce(): Promise<void> {
    if (reading !== undefined) return reading
    const begun = read().finally(() => {
      if (reading === begun) reading = undefined
    })
    reading = begun
    return begun
  }

  return {
    get known() {
      return known
    },
    refresh: (now = monotonic()) => {
      if (!isGenerational) return undefined
      const age = now - readAt
      if (age < HEARTBEAT) return undefined
      const next = readOnce()
      if (age >= 2 * HEARTBEAT) return next
      // Whoever comes after the second heartbeat learns of the failure.
      next.catch(() => {})
      return undefined
    },
    doubt: () => {
      readAt = Number.NEGATIVE_INFINITY
      doubts++
      // A read that is on its way may have been answered before the change.
      reading = undefined
    },
    raise: async () => {
      const raised = await store.raiseGeneration(Math.max(Math.floor(clock.now()), known + 1))
      // Another answer may have overtaken this one.
      known = Math.max(known, raised)
    },
    isPast: ({ generation = 0 }) => generation < known,
  }
}
