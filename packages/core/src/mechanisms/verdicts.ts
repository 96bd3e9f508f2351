/** What a store's answer means. The absolute end, the idle deadline and the format decide; the store's own TTL never does. */
import type { LoadResult } from '../contracts/store.ts'
import { UNKNOWN_ENDING, endingOf } from './endings.ts'
import type { RejectReason } from './events.ts'
import { judge } from './lifetime.ts'
import type { Ending, Live, OpenRecord } from './live.ts'

/** What the store answered to a load. A live record is opened, unless nobody can read it. */
export type OpenAnswer = LoadResult & { readonly opened?: OpenRecord | undefined }

/** Why a token leads to no session. */
export interface Rejected {
  readonly reason: RejectReason
  readonly id?: string
  /** The key of a session that goes on under another token, for another privilege. */
  readonly supersededKey?: string
  /** What the request may be told of the session's end. */
  readonly ended?: Ending
}

/** A token that leads to no session, unless one factor revives the one that is there. */
export type Refused<Suspended> = Rejected & { readonly suspended?: Suspended }

export type Judged = { readonly live: Live } | Refused<Live>

/** Adds the token to what everybody who carries it may share. */
export function toLive(
  token: string,
  { record, idleUntil, head, fields, values }: OpenRecord,
  isCopy: boolean,
  isOwed = false,
): Live {
  return { token, record, idleUntil, head, fields, values, isCopy, isOwed }
}

/** Judges an answer that was not followed any further. */
export function judgeAnswer(answer: OpenAnswer, now: number): { readonly opened: OpenRecord } | Refused<OpenRecord> {
  switch (answer.outcome) {
    case 'absent':
      return { reason: 'unknown', ended: UNKNOWN_ENDING }
    case 'moved':
      return { reason: 'renewed', supersededKey: answer.key }
    case 'ended': {
      const { tombstone } = answer
      const ended = endingOf(tombstone)
      return { reason: 'ended', ended, ...(tombstone.id === undefined ? {} : { id: tombstone.id }) }
    }
    case 'found': {
      const { record, idleUntil, opened } = answer
      const { id } = record
      const verdict = judge(record, idleUntil, now)
      if (verdict === 'absolute') return { reason: verdict, id, ended: { reason: verdict, at: record.absoluteAt } }
      if (verdict === 'idle') return { reason: verdict, id, ended: { reason: verdict, at: idleUntil } }
      if (opened !== undefined && verdict === 'suspended') {
        return { reason: verdict, id, ended: { reason: 'idle', at: idleUntil }, suspended: opened }
      }
      if (opened === undefined) return { reason: 'unreadable', id, ended: { reason: 'unreadable', at: undefined } }
      return { opened }
    }
  }
}
