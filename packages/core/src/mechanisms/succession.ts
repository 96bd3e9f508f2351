/** What a token is still good for that a renewal by age has replaced: a pure function of times. */
import type { RecordHead } from './record-head.ts'

/** How long a replaced token still leads to its session after its successor was first presented, in milliseconds. */
const RENEWAL_GRACE = 10_000

/** `'follow'`: the request was under way. `'reuse'`: somebody has kept a copy. `'unknown'`: that was long ago. */
export type Replaced = 'follow' | 'reuse' | 'unknown'

/** What is known of a replaced token. */
export interface Replacement {
  /** When it was replaced. */
  readonly at: number
  /** When its successor had certainly been presented, because it was replaced itself. */
  readonly retiredAt: number | undefined
  /** The head of the record that it leads to. */
  readonly head: RecordHead
  readonly renewEvery: number
}

/**
 * Judges a replaced token. Nobody has presented its successor yet: the client may have missed the answer, so the token
 * leads on as long as the session lives. Otherwise it does for a moment; then its use is an alarm, for two periods.
 */
export function judgeReplaced({ at, retiredAt, head, renewEvery }: Replacement, now: number): Replaced {
  if (retiredAt === undefined && head.isPending === true) return 'follow'
  const since = retiredAt ?? head.confirmedAt ?? at
  if (now < since + RENEWAL_GRACE) return 'follow'
  return now < forgottenAt(since, renewEvery) ? 'reuse' : 'unknown'
}

/** Tells from when on nobody cares about a token any more whose successor was presented at that time. */
export function forgottenAt(confirmedAt: number, renewEvery: number): number {
  return confirmedAt + RENEWAL_GRACE + 2 * renewEvery
}
