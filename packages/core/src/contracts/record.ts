/**
 * What a store keeps: records, and what is left where a record was.
 *
 * All instants are epoch milliseconds of *store time*, all lengths of time are milliseconds. A record is immutable:
 * a change makes a new one with the next revision.
 */

/** The layout of ordinary records. */
export const RECORD_FORMAT = 1

/**
 * The layout of records whose sessions are suspended when nobody uses them. Their idle length, idle deadline and absolute
 * end are kept 24 hours greater than they are, lest a store forgets them too soon.
 */
export const SUSPENDABLE_FORMAT = 2

/** How many of its latest commit ids a record carries. */
export const COMMITS_KEPT = 4

/** How long a tombstone, an alias without grace, and a record past its end are kept, in milliseconds. */
export const RETENTION = 60_000

/** A session as a store keeps it: a header, and a body that only the engine can read. */
export interface SessionRecord {
  /** The layout of this header. A store hands it through; the engine refuses one that is newer than it knows. */
  readonly format: number
  /** SHA-256 of the token cut to 128 bits, 22 characters of base64url: where the record lies. */
  readonly key: string
  /** The session's public name, 16 characters of base64url, unchanged by renewal. Opens nothing. */
  readonly id: string
  /** Counts the commits of this session from 1. `update` and `renew` compare it. */
  readonly revision: number
  /** The ids of the latest commits, newest first, at most {@link COMMITS_KEPT}. */
  readonly commits: readonly string[]
  /** When the session began. */
  readonly createdAt: number
  /** When the session ends however busy it is. */
  readonly absoluteAt: number
  /** How long the session may go unused. */
  readonly idleTimeout: number
  /** Whether the client keeps its token over a restart ("remember me"). */
  readonly persistent: boolean
  /** Whose session it is; `undefined` for an anonymous one. */
  readonly subject: string | undefined
  /** When the subject proved who they are; `undefined` for an anonymous session. */
  readonly authenticatedAt: number | undefined
  /** The fields, encoded by the engine. Opaque: stored and answered byte for byte. */
  readonly body: Uint8Array
}

/** A record together with the idle deadline that its writer offers. The deadline itself belongs to the store. */
export interface OfferedRecord extends SessionRecord {
  readonly idleUntil: number
  /** What its body begins with, for a store that can count (`Countable`): it is to be counted by that from now on. Not kept. */
  readonly countedBy?: Uint8Array
}

/**
 * Why a session is over. A store keeps a reason as text, whatever it is.
 *
 * - `'login'`: another subject signed in with the same client. `'elsewhere'`: it was ended from another session, or by
 *   the program. `'limit'`: its subject has too many sessions. `'reuse'`: a token came back that had been replaced.
 * - `'repair'`: a listing found nothing under an index entry and closed the key, so that a create that is on its way
 *   draws another token.
 */
export type EndReason = 'logout' | 'destroy' | 'login' | 'elsewhere' | 'limit' | 'reuse' | 'evicted' | 'repair'

/** What `end` leaves under a key, so that nothing brings the session back and the next request can be told why. */
export interface Tombstone {
  readonly reason: EndReason
  readonly at: number
  /** The public name of the session that ended, where it was known. */
  readonly id: string | undefined
  /** The commit that made this tombstone. */
  readonly commitId: string
}

/** What a renewal leaves under the old key. */
export interface Alias {
  /** The key under which the session goes on. */
  readonly successor: string
  readonly at: number
  /** Until when the old key may lead to the successor; equal to `at` when it never does (renewal of privilege). */
  readonly graceUntil: number
  /** The commit that made this alias. */
  readonly commitId: string
  /**
   * The successor's token, readable only with the old one, after a renewal by age; otherwise absent. Opaque: kept and
   * answered byte for byte, and told to nobody by a change feed.
   */
  readonly sealedToken?: Uint8Array | undefined
}
