import type { SessionRecord } from '../contracts/record.ts'
import type { Fields } from './body.ts'

/** A live session as this process knows it: what the store answered, with the token that led there. */
export interface Live {
  readonly token: string
  readonly record: SessionRecord
  readonly idleUntil: number
  readonly fields: Fields
}

/** What a request's tokens led to. */
export type Origin =
  | { readonly type: 'live'; readonly live: Live }
  /** Nothing, or `rivals` of which none can be preferred: the request may begin a session of its own, or end them all. */
  | { readonly type: 'none'; readonly rivals: readonly Live[] }
  /** A session that goes on under another token, for another privilege. This token can only end it. */
  | { readonly type: 'superseded'; readonly key: string }

export const NO_ORIGIN: Origin = { type: 'none', rivals: [] }
