/** Answers what a client may know of how long its session lives on, and keeps it alive: for every framework. */
import type { AssuranceLevel } from './mechanisms/assurance.ts'
import type { Ending } from './mechanisms/live.ts'
import { type CookieSession, type Session, requestSessionOf } from './session.ts'

/** The body of an answer. Lengths are in milliseconds, counted from when the answer was made. */
export interface SessionStatus {
  readonly isSignedIn: boolean
  /** Whether the session waits for one factor to revive it, under the profile `'aal2'`. Until then nobody is signed in. */
  readonly isSuspended: boolean
  readonly level: AssuranceLevel
  /** How long the session lives on if it is not used again; `null` where there is none. */
  readonly expiresIn: number | null
  /** How long the session lives on however busy it is; `null` where there is none. */
  readonly absoluteExpiresIn: number | null
  /** Why there is none any more; `null` where nothing is known to have ended. */
  readonly endedBecause: Ending | null
}

/** What a binding sends. */
export interface StatusAnswer {
  readonly status: 200 | 405
  readonly headers: Readonly<Record<string, string>>
  /** A {@link SessionStatus} as JSON; empty for a method that is not answered. */
  readonly body: string
}

/** Requests that only ask must not count as use: a binding opens their sessions `passive`. */
export function isStatusPassive(method: string | undefined): boolean {
  return method !== 'POST'
}

/**
 * Answers a request for the status of its session. For bindings, which mount it.
 *
 * - `GET` and `HEAD` tell how long the session lives on, and extend nothing.
 * - `POST` counts as use: the idle deadline is moved before it is told, past the throttle of ordinary requests. It does
 *   not revive a suspended session.
 * - Anything else is 405.
 *
 * @throws StoreError if the session cannot be loaded, or was to be kept alive and could not
 */
export async function answerStatus<Data extends object>(
  session: Session<Data> | CookieSession<Data>,
  method: string | undefined,
): Promise<StatusAnswer> {
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    return { status: 405, headers: { allow: 'GET, HEAD, POST' }, body: '' }
  }
  if (method === 'POST') await requestSessionOf(session as Session<never>).keepAlive()
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(statusOf(session)),
  }
}

function statusOf<Data extends object>(session: CookieSession<Data>): SessionStatus {
  const { level, expiresAt, absoluteExpiresAt, endedBecause } = session
  const expiresIn = session.expiresIn() ?? null
  const rest = expiresAt === undefined || absoluteExpiresAt === undefined ? undefined : absoluteExpiresAt - expiresAt
  return {
    isSignedIn: level > 0,
    isSuspended: session.suspended !== undefined,
    level,
    expiresIn,
    absoluteExpiresIn: expiresIn === null || rest === undefined ? null : expiresIn + rest,
    endedBecause: endedBecause ?? null,
  }
}
