/** The lifetimes that a profile stands for, and the limits that its name promises. In milliseconds. */
import type { Lifetime } from '../mechanisms/lifetime.ts'

/**
 * `owasp`: 30 minutes idle, 8 hours in all, the upper ends of the OWASP Session Management Cheat Sheet. `aal1`, `aal2`,
 * `aal3`: the limits of NIST SP 800-63B-4 section 5.2, which longer lifetimes cannot exceed under that name.
 */
export type ProfileName = 'owasp' | 'aal1' | 'aal2' | 'aal3'

export interface Profile {
  readonly lifetimes: Lifetime & { readonly remember: Lifetime }
  /** The longest that the profile allows; `undefined`: only the limit for all. */
  readonly limit: Lifetime | undefined
  /** Whether a session that nobody has used for the idle timeout waits to be revived by one factor. */
  readonly isSuspending: boolean
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** User agents keep no cookie for longer (RFC 6265bis, 5.5). */
export const LONGEST: number = 400 * DAY

const DEFAULT_REMEMBER: Lifetime = { idleTimeout: 14 * DAY, absoluteTimeout: 30 * DAY }

/** Nothing is lost with a session that nobody has signed in to, and anybody may cause any number of them. */
export const DEFAULT_ANONYMOUS: Lifetime = { idleTimeout: 10 * MINUTE, absoluteTimeout: 2 * HOUR }

/** The limits of NIST SP 800-63B-4 section 5.2 by assurance level, whatever the profile. */
export const LEVELS: readonly (Lifetime | undefined)[] = [
  undefined,
  undefined,
  { idleTimeout: HOUR, absoluteTimeout: 24 * HOUR },
  { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR },
]

function assurance(idleTimeout: number, absoluteTimeout: number, isSuspending = false): Profile {
  const limit = { idleTimeout, absoluteTimeout }
  const remember = {
    idleTimeout: Math.min(idleTimeout, DEFAULT_REMEMBER.idleTimeout),
    absoluteTimeout: Math.min(absoluteTimeout, DEFAULT_REMEMBER.absoluteTimeout),
  }
  return { lifetimes: { ...limit, remember }, limit, isSuspending }
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  owasp: {
    lifetimes: { idleTimeout: 30 * MINUTE, absoluteTimeout: 8 * HOUR, remember: DEFAULT_REMEMBER },
    limit: undefined,
    isSuspending: false,
  },
  aal1: assurance(30 * DAY, 30 * DAY),
  aal2: assurance(HOUR, 24 * HOUR, true),
  aal3: assurance(15 * MINUTE, 12 * HOUR),
}
