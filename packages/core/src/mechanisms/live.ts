import type { SessionRecord } from '../contracts/record.ts'
import type { Fields } from './body.ts'

/** A live session as this process knows it: what the store answered, with the token that led there. */
export interface Live {
  readonly token: string
  readonly record: SessionRecord
  readonly idleUntil: number
  readonly fields: Fields
}
