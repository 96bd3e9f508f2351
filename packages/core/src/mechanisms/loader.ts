/** Finds the session that a request's tokens lead to, and judges it. The absolute end, the idle deadline and the format decide here; the store's own TTL never does. */
import type { Clock } from '../contracts/clock.ts'
import type { LoadResult } from '../contracts/store.ts'
import { type RejectReason, isHeard, tell } from './events.ts'
import type { GuardedStore } from './guard.ts'
import { judge } from './lifetime.ts'
import { type Live, NO_ORIGIN, type OpenRecord, type Origin } from './live.ts'
import { openRecord } from './open-record.ts'
import type { RecordCache } from './record-cache.ts'
import { keyOf } from './token.ts'
import type { Warn } from './warner.ts'

/** What the store answered to a load. A live record is opened, unless nobody can read it. */
export type OpenAnswer = LoadResult & { readonly opened?: OpenRecord | undefined }

export interface Loader {
  /**
   * Answers the one live session among the candidates; without one, or with several, the request goes on with a fresh
   * session. At once where a copy of the session can be shown, otherwise a promise that rejects with a `StoreError`.
   *
   * @param isStrict whether only the store may answer, and only to this very request
   */
  find(tokens: readonly string[], isStrict: boolean): Origin | Promise<Origin>
}

type Judged =
  | { readonly live: Live }
  | { readonly reason: RejectReason; readonly id?: string; readonly supersededKey?: string }

export interface LoaderParts {
  readonly store: GuardedStore
  readonly cache: RecordCache<OpenAnswer>
  readonly clock: Clock
  readonly warn: Warn
}

export function createLoader({ store, cache, clock, warn }: LoaderParts): Loader {
  async function ask(key: string): Promise<OpenAnswer> {
    const passage = cache.begin(key)
    try {
      const loading = store.load(key).then(openLive)
      passage.share(loading)
      const answer = await loading
      if (answer.opened !== undefined) passage.keep(answer.opened)
      return answer
    } finally {
      passage.close()
    }
  }

  /** @throws StoreError `ERR_RECORD_NEWER` */
  function openLive(answer: LoadResult): OpenAnswer {
    if (answer.outcome !== 'found' || judge(answer.record, answer.idleUntil, clock.now()) !== 'live') return answer
    return { ...answer, opened: openRecord(answer) }
  }

  /** Answers a copy that has not passed its deadline: the store may know of a later one. */
  function copyOf(token: string, key: string): Live | undefined {
    const opened = cache.find(key)
    if (opened === undefined || judge(opened.record, opened.idleUntil, clock.now()) !== 'live') return undefined
    return toLive(token, opened, true)
  }

  async function look(token: string, key: string, isStrict: boolean): Promise<Judged> {
    const joined = isStrict ? undefined : cache.join(key)
    const answer = await (joined ?? ask(key))
    return judgeAnswer(token, answer, joined !== undefined, clock.now())
  }

  function pick(judged: readonly Judged[]): Origin {
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
    if (isHeard('holdfast:loaded')) tell('holdfast:loaded', { id: live.record.id, revision: live.record.revision })
    return { type: 'live', live }
  }

  return {
    find: (tokens, isStrict) => {
      const consider = (token: string): Judged | Promise<Judged> => {
        const key = keyOf(token)
        const copy = isStrict ? undefined : copyOf(token, key)
        return copy === undefined ? look(token, key, isStrict) : { live: copy }
      }
      if (tokens.length > 1) return Promise.all(tokens.map(async (token) => consider(token))).then(pick)
      const judged = consider(tokens[0]!)
      return judged instanceof Promise ? judged.then((one) => pick([one])) : pick([judged])
    },
  }
}

/** Adds the token to what everybody who carries it may share. */
export function toLive(token: string, { record, idleUntil, fields, values }: OpenRecord, isCopy: boolean): Live {
  return { token, record, idleUntil, fields, values, isCopy }
}

function judgeAnswer(token: string, answer: OpenAnswer, isJoined: boolean, now: number): Judged {
  switch (answer.outcome) {
    case 'absent':
      return { reason: 'unknown' }
    case 'moved':
      return { reason: 'renewed', supersededKey: answer.key }
    case 'ended':
      return { reason: 'ended', ...(answer.tombstone.id === undefined ? {} : { id: answer.tombstone.id }) }
    case 'found': {
      const { record, idleUntil, opened } = answer
      const verdict = judge(record, idleUntil, now)
      if (verdict !== 'live') return { reason: verdict, id: record.id }
      if (opened === undefined) return { reason: 'unreadable', id: record.id }
      return { live: toLive(token, opened, isJoined) }
    }
  }
}
