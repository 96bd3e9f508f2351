import type { Runner } from '../runner.ts'
import { abortTheme } from './abort.ts'
import { changeFeedTheme } from './change-feed.ts'
import { concurrencyTheme } from './concurrency.ts'
import { createTheme } from './create.ts'
import { deadlinesTheme } from './deadlines.ts'
import { endTheme } from './end.ts'
import { countTheme } from './count.ts'
import { generationTheme } from './generation.ts'
import { idempotenceTheme } from './idempotence.ts'
import { keysAndBytesTheme } from './keys-and-bytes.ts'
import { loadTheme } from './load.ts'
import { renewTheme } from './renew.ts'
import { shapeTheme } from './shape.ts'
import type { StoreCase, StoreHarness, StoreTheme } from './store-case.ts'
import { subjectIndexTheme } from './subject-index.ts'
import { sweepTheme } from './sweep.ts'
import { touchTheme } from './touch.ts'
import { Trial } from './trial.ts'
import { trimTheme } from './trim.ts'
import { updateTheme } from './update.ts'

/** What the suite needs of a store's author. */
export interface StoreConformanceOptions {
  /** Names the store in the report. */
  readonly name: string
  /** Makes an empty store for one case, with the means to let its time pass. */
  create(): Promise<StoreHarness>
  /** Where the cases are registered. */
  readonly runner: Runner
}

/** All rules of the contract. */
const STORE_THEMES: readonly StoreTheme[] = [
  shapeTheme,
  createTheme,
  loadTheme,
  updateTheme,
  touchTheme,
  renewTheme,
  endTheme,
  idempotenceTheme,
  deadlinesTheme,
  keysAndBytesTheme,
  concurrencyTheme,
  abortTheme,
  subjectIndexTheme,
  changeFeedTheme,
  trimTheme,
  generationTheme,
  countTheme,
  sweepTheme,
]

/** Time for one case, in milliseconds: it may have to wait for a clock that cannot be moved. */
const TIMEOUT = 20_000
const LONG_TIMEOUT = 120_000

/**
 * Registers one test for every rule of the store contract.
 *
 * - Each case asks `create` for an empty store of its own, and closes it.
 * - A case about an optional power looks whether the store has it. Where it has not, the case is reported as skipped
 *   (Jest, which cannot, reports it as passed).
 * - Deadlines are asked about at their very instant and a millisecond before, if the store's clock stands still between
 *   two advances; half a second before and after, if it runs.
 *
 * @example
 * ```ts
 * import { storeConformance } from '@holdfast/conformance'
 * import { memoryStore } from '@holdfast/core'
 * import { describe, it } from 'vitest'
 *
 * storeConformance({
 *   name: 'memory',
 *   runner: { describe, it },
 *   async create() {
 *     let time = Date.UTC(2030, 0, 1)
 *     const store = memoryStore({ clock: { now: () => time } })
 *     return { store, advance: (ms) => void (time += ms), close() {} }
 *   },
 * })
 * ```
 */
export function storeConformance({ name, create, runner }: StoreConformanceOptions): void {
  runner.describe(`the store ${name}`, () => {
    for (const theme of STORE_THEMES) {
      runner.describe(theme.name, () => {
        for (const each of theme.cases) register(runner, each, create)
      })
    }
  })
}

function register(runner: Runner, each: StoreCase, create: () => Promise<StoreHarness>): void {
  async function body(this: unknown, ...context: readonly unknown[]): Promise<void> {
    const harness = await create()
    try {
      const { power } = each
      const isMissing = power !== undefined && !power.isIn(harness.store)
      if (isMissing) skip(context[0] ?? this, `the store has no ${power.name}`)
      else await each.prove(new Trial(harness))
    } finally {
      await harness.close()
    }
  }
  runner.it(each.rule, body, each.isLong ? LONG_TIMEOUT : TIMEOUT)
}

/** Vitest and `node:test` hand a test the means to skip itself, Mocha binds it; Jest has none. */
function skip(context: unknown, reason: string): void {
  if (typeof context !== 'object' || context === null || !('skip' in context)) return
  if (typeof context.skip === 'function') context.skip(reason)
}
