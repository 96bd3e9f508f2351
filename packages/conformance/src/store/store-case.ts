import type { AnyStore } from '@holdfast/core'
import type { Power } from './powers.ts'
import type { Trial } from './trial.ts'

/** A store under test, and the means to let its time pass. */
export interface StoreHarness {
  /** Empty, and seen by nobody else while the case runs. */
  readonly store: AnyStore
  /**
   * Lets that many milliseconds of store time pass, by moving the clock or, where it cannot be moved, by waiting.
   *
   * The suite reads store time from `store.clock` if there is one, and from `Date.now()` otherwise.
   */
  advance(ms: number): Promise<void> | void
  /** Lets go of everything. */
  close(): Promise<void> | void
}

/** One rule of the contract, and its proof. */
export interface StoreCase {
  /** The rule, in words. Unique in the suite. */
  readonly rule: string
  /** The optional power that the rule is about. */
  readonly power?: Power
  /** Whether the case lets the 60 s pass that remains are kept. */
  readonly isLong?: boolean
  /** Rejects if the store breaks the rule. */
  prove(trial: Trial): Promise<void>
}

/** Rules that belong together. */
export interface StoreTheme {
  readonly name: string
  readonly cases: readonly StoreCase[]
}
