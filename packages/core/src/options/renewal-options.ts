/** When sessions get a new token by themselves, and what happens when an old one comes back. */
import type { ReusePolicy } from '../mechanisms/reuse-alarm.ts'
import type { OptionReader } from './option-reader.ts'
import type { SessionsOptions } from './options.ts'
import { LONGEST } from './profiles.ts'

export interface RenewalSettings {
  /** How old a token may become, in milliseconds; infinite: as old as its session. */
  readonly renewEvery: number
  readonly onReuse: ReusePolicy
}

const DEFAULT_PERIOD = 15 * 60_000
const SHORTEST_PERIOD = 1000

/** Reads `renewEvery` and `onReuse`. */
export function readRenewal(reader: OptionReader, given: SessionsOptions): RenewalSettings {
  return {
    renewEvery: readPeriod(reader, given.renewEvery),
    onReuse: reader.oneOf<ReusePolicy>('onReuse', given.onReuse, ['end', 'report'], 'end'),
  }
}

function readPeriod(reader: OptionReader, value: unknown): number {
  if (value === false) return Number.POSITIVE_INFINITY
  const period = reader.length('renewEvery', value, DEFAULT_PERIOD, LONGEST, 'Write `false` to keep tokens.')
  if (period < SHORTEST_PERIOD) reader.reject('renewEvery', 'a token needs at least a second to reach its client.')
  return period
}
