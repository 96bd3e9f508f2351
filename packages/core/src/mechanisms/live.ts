import type { SessionRecord } from '../contracts/record.ts'
import type { Fields } from './body.ts'
import type { RecordHead } from './record-head.ts'
import type { SharedValues } from './shared-values.ts'

/** A record whose body was split into its fields. Immutable, so that requests may share it. */
export interface OpenRecord {
  readonly record: SessionRecord
  readonly idleUntil: number
  readonly head: RecordHead
  readonly fields: Fields
  readonly values: SharedValues
}

/** A live session as this process knows it, with the token that led there. */
export interface Live extends OpenRecord {
  readonly token: string
  /** Whether this is what the process remembered, rather than what the store answered to the very request. */
  readonly isCopy: boolean
  /** Whether the client presented the token that this one has replaced, and so may not have learnt it. */
  readonly isOwed: boolean
}

/** Why the session that a token once led to is over, as its next request may ask. */
export type EndedReason =
  | 'idle'
  | 'absolute'
  | 'logout'
  | 'elsewhere'
  | 'limit'
  | 'reuse'
  | 'evicted'
  | 'unreadable'
  | 'unknown'

/** Why a session is over, and since when, in epoch milliseconds; `undefined` where that is not known. */
export interface Ending {
  readonly reason: EndedReason
  readonly at: number | undefined
}

/** What a request's tokens led to. */
export type Origin =
  | { readonly type: 'live'; readonly live: Live }
  /** Nothing, or `rivals` of which none can be preferred: the request may begin a session of its own, or end them all. */
  | { readonly type: 'none'; readonly rivals: readonly Live[]; readonly ended?: Ending }
  /** A session that goes on under another token, for another privilege. This token can only end it. */
  | { readonly type: 'superseded'; readonly key: string }

/** A session that reads as empty until one factor has revived it. */
export interface Suspended {
  readonly type: 'suspended'
  readonly live: Live
  readonly ended: Ending
}

/** What a request finds: where it begins, or a session that it may revive. */
export type Found = Origin | Suspended

export const NO_ORIGIN: Origin = { type: 'none', rivals: [] }
