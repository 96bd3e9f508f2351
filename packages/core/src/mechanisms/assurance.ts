/** How well somebody has proved who they are, and whether that is enough. */
import { AuthError } from '../contracts/errors.ts'
import type { SessionRecord } from '../contracts/record.ts'
import type { Proof } from './intents.ts'
import type { RecordHead } from './record-head.ts'

/** The levels of NIST SP 800-63B, from a single factor to hardware. 0: nobody has signed in. */
export type AssuranceLevel = 0 | 1 | 2 | 3

/** What a session shows of its authentication. */
export interface Assurance extends Proof {
  /** When the subject last proved who they are in a way that counts as fresh; `undefined`: only remembered. */
  readonly freshSince: number | undefined
}

export const NO_ASSURANCE: Assurance = { level: 0, methods: [], freshSince: undefined }

/** Being remembered is no authentication (NIST SP 800-63B-4, 5.1): such a login counts for no more than this. */
const REMEMBERED_LEVEL = 1

/** Reads how the subject of a record has proved who they are. What an older version wrote has the lowest level. */
export function proofOf({ subject }: SessionRecord, { level = 1, methods = [] }: RecordHead): Proof {
  return subject === undefined ? NO_ASSURANCE : { level, methods }
}

/** Answers the proof that a login leaves. */
export function proofOfLogin({ level, methods }: Proof, isRemembered: boolean): Proof {
  return { level: isRemembered ? Math.min(level, REMEMBERED_LEVEL) : level, methods }
}

/** Adds a proof to those that were given before. The level never falls by it. */
export function withProof(before: Proof, { level, methods }: Proof): Proof {
  return { level: Math.max(before.level, level), methods: [...new Set([...before.methods, ...methods])] }
}

/** What a route asks for. */
export interface Requirement {
  readonly level: number
  /** How long ago the authentication may lie, in milliseconds; `undefined`: any time. */
  readonly within: number | undefined
}

/** @throws AuthError `ERR_AUTH_REQUIRED`, `ERR_AUTH_LEVEL`, naming everything that is missing */
export function checkAssurance(
  { level, freshSince }: Assurance,
  { level: asked, within }: Requirement,
  now: number,
): void {
  if (level === 0) throw new AuthError('ERR_AUTH_REQUIRED', { missing: ['login'], level: asked, within })
  const isFresh = within === undefined || (freshSince !== undefined && now - freshSince <= within)
  const missing = [...(level < asked ? ['level' as const] : []), ...(isFresh ? [] : ['freshness' as const])]
  if (missing.length === 0) return
  throw new AuthError(level < asked ? 'ERR_AUTH_LEVEL' : 'ERR_AUTH_REQUIRED', { missing, level: asked, within })
}
