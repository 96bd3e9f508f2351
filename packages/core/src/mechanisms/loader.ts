/** Finds the session that a request's tokens lead to, and judges it. The absolute end, the idle deadline and the format decide here; the store's own TTL never does. */
import type { Clock } from '../contracts/clock.ts'
import { StoreError } from '../contracts/errors.ts'
import { RECORD_FORMAT } from '../contracts/record.ts'
import type { Found, LoadResult } from '../contracts/store.ts'
import { NewerBody, readBody } from './body.ts'
import { type RejectReason, tell } from './events.ts'
import type { GuardedStore } from './guard.ts'
import { judge } from './lifetime.ts'
import { type Live, NO_ORIGIN, type Origin } from './live.ts'
import { keyOf } from './token.ts'
import type { Warn } from './warner.ts'

export interface Loader {
  /**
   * Answers the one live session among the candidates. Without one, or with several, the request goes on with a fresh
   * session.
   *
   * @throws StoreError
   */
  find(tokens: readonly string[]): Promise<Origin>
}

type Judged =
  | { readonly live: Live }
  | { readonly reason: RejectReason; readonly id?: string; readonly supersededKey?: string }

export function createLoader(store: GuardedStore, clock: Clock, warn: Warn): Loader {
  const look = async (token: string): Promise<Judged> => {
    const result = await store.load(keyOf(token))
    return judgeResult(token, result, clock.now())
  }

  return {
    find: async (tokens) => {
      const judged = await Promise.all(tokens.map(look))
      const found: Live[] = []
      let origin = NO_ORIGIN
      for (const one of judged) {
        if ('live' in one) {
          found.push(one.live)
          continue
        }
        const { supersededKey, ...message } = one
        tell('holdfast:rejected', message)
        if (supersededKey !== undefined) origin = { type: 'superseded', key: supersededKey }
      }
      const [live] = found
      if (live === undefined) return origin
      if (found.length > 1) {
        tell('holdfast:rejected', { reason: 'ambiguous' })
        warn(
          'WARN_AMBIGUOUS',
          'A request carried the tokens of two live sessions, and cookies do not say which one is meant, so it got neither. ' +
            'Look for a second application on the same site that uses this cookie name, or a changed `cookie.path` or `cookie.domain`.',
        )
        return { type: 'none', rivals: found }
      }
      tell('holdfast:loaded', { id: live.record.id, revision: live.record.revision })
      return { type: 'live', live }
    },
  }
}

function judgeResult(token: string, result: LoadResult, now: number): Judged {
  switch (result.outcome) {
    case 'absent':
      return { reason: 'unknown' }
    case 'moved':
      return { reason: 'renewed', supersededKey: result.key }
    case 'ended':
      return { reason: 'ended', ...(result.tombstone.id === undefined ? {} : { id: result.tombstone.id }) }
    case 'found':
      return judgeRecord(token, result, now)
  }
}

function judgeRecord(token: string, found: Found, now: number): Judged {
  const { record, idleUntil } = found
  const verdict = judge(record, idleUntil, now)
  if (verdict !== 'live') return { reason: verdict, id: record.id }
  const live = toLive(token, found)
  return live === undefined ? { reason: 'unreadable', id: record.id } : { live }
}

/**
 * Opens a record that a store answered; `undefined` for one that nobody can read.
 *
 * @throws StoreError `ERR_RECORD_NEWER`
 */
export function toLive(token: string, { record, idleUntil }: Found): Live | undefined {
  if (record.format > RECORD_FORMAT) throw newer(`Its format is ${record.format}; this version knows ${RECORD_FORMAT}.`)
  try {
    return { token, record, idleUntil, fields: readBody(record.body) }
  } catch (error) {
    if (error instanceof NewerBody) throw newer(error.message)
    return undefined
  }
}

function newer(detail: string): StoreError {
  return new StoreError(
    'ERR_RECORD_NEWER',
    `The session was written in a format that this version does not know, and is kept as it is. ${detail} Finish the deploy.`,
  )
}
