/** What a request may know of a suspended session, and why it may not use it. */
import { AuthError } from '../contracts/errors.ts'
import { type Requirement, proofOf } from '../mechanisms/assurance.ts'
import type { Suspended } from '../mechanisms/live.ts'

/** What whoever has signed in has proved. */
export const ANY_LOGIN: Requirement = { level: 1, within: undefined }

/** A session that nobody has used for the idle timeout, and that one factor revives. Instants are epoch milliseconds. */
export interface SuspendedSession {
  /** Whose it is: it is their factor that has to be checked. */
  readonly subject: string
  /** Since when it is suspended. */
  readonly at: number
  /** Its absolute end, after which nothing revives it. */
  readonly until: number
}

/** Makes the error for who wants to use a suspended session. */
export function suspendedError({ level, within }: Requirement, { live }: Suspended): AuthError {
  const isTooLow = proofOf(live.record, live.head).level < level
  return new AuthError('ERR_SUSPENDED', { missing: isTooLow ? ['level', 'freshness'] : ['freshness'], level, within })
}
