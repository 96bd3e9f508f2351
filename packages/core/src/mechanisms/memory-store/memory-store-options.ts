import type { Clock } from '../../contracts/clock.ts'
import { OptionsError, type OptionProblem } from '../../contracts/errors.ts'
import { engineClock } from '../engine-clock.ts'
import { ENTRY_BYTES } from './entry.ts'

/** What `memoryStore` may be told. */
export interface MemoryStoreOptions {
  /**
   * How many entries are held at most: records, and what renewed and ended ones leave for a minute.
   *
   * @default 100_000
   */
  readonly maxRecords?: number | undefined
  /**
   * How many bytes the entries may take together: the bodies, and 1024 bytes per entry for all else.
   *
   * @default 134_217_728
   */
  readonly maxBytes?: number | undefined
  /**
   * The clock that deadlines run on. An engine that is given none adopts it.
   *
   * @default engineClock()
   */
  readonly clock?: Clock | undefined
}

/** {@link MemoryStoreOptions} with all defaults filled in. */
export interface ResolvedMemoryStoreOptions {
  readonly maxRecords: number
  readonly maxBytes: number
  readonly clock: Clock
}

/** Checks the options and fills in defaults; throws `OptionsError` (`ERR_OPTIONS`) with all problems. */
export function resolveMemoryStoreOptions(options: MemoryStoreOptions): ResolvedMemoryStoreOptions {
  const { maxRecords = 100_000, maxBytes = 134_217_728, clock = engineClock(), ...unknown } = options
  const problems: OptionProblem[] = Object.keys(unknown).map((path) => ({
    path,
    message: 'is not an option. Known are `maxRecords`, `maxBytes` and `clock`.',
  }))
  if (!isWholeFrom(1, maxRecords)) {
    problems.push({ path: 'maxRecords', message: `is ${show(maxRecords)}. Write a whole number of at least 1.` })
  }
  if (!isWholeFrom(ENTRY_BYTES, maxBytes)) {
    const least = `Write a whole number of bytes of at least ${ENTRY_BYTES}, what an empty record takes.`
    problems.push({ path: 'maxBytes', message: `is ${show(maxBytes)}. ${least}` })
  }
  if (typeof clock?.now !== 'function') {
    problems.push({ path: 'clock', message: `is ${show(clock)}. Write an object with \`now()\`, or leave it out.` })
  }
  if (problems.length > 0) throw new OptionsError('memoryStore', problems)
  return Object.freeze({ maxRecords, maxBytes, clock })
}

function isWholeFrom(least: number, value: unknown): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= least)
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object without `now()`' : String(value)
}
