/** Finds the session that a request's tokens lead to. */
import type { Clock } from '../contracts/clock.ts'
import type { LoadResult } from '../contracts/store.ts'
import { UNKNOWN_ENDING } from './endings.ts'
import type { Generations } from './generations.ts'
import type { GuardedStore } from './guard.ts'
import { type Verdict, judge } from './lifetime.ts'
import type { Found, Live, OpenRecord } from './live.ts'
import type { Open } from './open-record.ts'
import { foundLive, pickLive } from './picking.ts'
import type { RecordCache } from './record-cache.ts'
import type { ReuseAlarm } from './reuse-alarm.ts'
import { judgeReplaced } from './succession.ts'
import { keyOf } from './token.ts'
import { followTrail } from './trail.ts'
import { type Judged, type OpenAnswer, type Rejected, judgeAnswer, toLive } from './verdicts.ts'
import type { Warn } from './warner.ts'

export interface Loader {
  /**
   * Answers the one live session among the candidates, or else the one suspended session; without one, or with several,
   * the request goes on with a fresh session. At once where a copy of the session can be shown, otherwise a promise that rejects with a `StoreError`.
   *
   * @param isStrict whether only the store may answer, and only to this very request
   */
  find(tokens: readonly string[], isStrict: boolean): Found | Promise<Found>
}

export interface LoaderParts {
  readonly store: GuardedStore
  readonly cache: RecordCache<OpenAnswer>
  readonly open: Open
  readonly clock: Clock
  readonly generations: Generations
  readonly warn: Warn
  readonly renewEvery: number
  readonly reuse: ReuseAlarm
  /** Takes note of a renewed token that is presented for the first time. */
  readonly confirm: (live: Live) => void
  /** Tells when the record under a key was evicted, if that was heard of. */
  readonly evictedAt: (key: string) => number | undefined
}

/** Says whether nothing brings a session back. */
function isOver(verdict: Verdict): boolean {
  return verdict !== 'live' && verdict !== 'suspended'
}

export function createLoader(parts: LoaderParts): Loader {
  const { store, cache, open, clock, generations, warn, renewEvery, reuse, confirm, evictedAt } = parts

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

  /** @throws StoreError `ERR_RECORD_NEWER`, `ERR_KEY_UNKNOWN` */
  function openLive(answer: LoadResult): OpenAnswer {
    if (answer.outcome !== 'found' || isOver(judge(answer.record, answer.idleUntil, clock.now()))) return answer
    return { ...answer, opened: open(answer) }
  }

  /** Answers a copy that has not passed its deadline: the store may know of a later one. */
  function copyOf(token: string, key: string, now: number): Live | undefined {
    const opened = cache.find(key, now)
    if (opened === undefined || judge(opened.record, opened.idleUntil, clock.now()) !== 'live') return undefined
    return toLive(token, opened, true)
  }

  async function look(token: string, key: string, isStrict: boolean): Promise<Judged> {
    const joined = isStrict ? undefined : cache.join(key)
    const answer = await (joined ?? ask(key))
    if (answer.outcome === 'moved' && answer.alias.sealedToken !== undefined) return follow(token, answer)
    const judged = judgeAnswer(answer, clock.now())
    if ('opened' in judged) return { live: toLive(token, judged.opened, joined !== undefined) }
    const { suspended, ...rejected } = judged
    if (suspended !== undefined) return { ...rejected, suspended: toLive(token, suspended, joined !== undefined) }
    const at = answer.outcome === 'absent' ? evictedAt(key) : undefined
    return at === undefined ? rejected : { ...rejected, ended: { reason: 'evicted', at } }
  }

  /** Goes on from a token that was replaced by age. Only the store says what has become of its session. */
  async function follow(token: string, start: OpenAnswer & { readonly outcome: 'moved' }): Promise<Judged> {
    const { key, alias } = start
    const trail = await followTrail<OpenAnswer>(ask, token, start)
    const { retiredAt, answer } = trail
    if (answer.outcome === 'moved') return { reason: 'renewed', supersededKey: key }
    const now = clock.now()
    const judged = judgeAnswer(answer, now)
    if ('opened' in judged)
      return (await replacedBy(judged.opened)) ?? { live: toLive(trail.token, judged.opened, false, true) }
    const { suspended, ...rejected } = judged
    if (suspended === undefined) return rejected
    return (await replacedBy(suspended)) ?? { ...rejected, suspended: toLive(trail.token, suspended, false, true) }

    /** Answers why the old token leads nobody there any more; `undefined` where it does. */
    async function replacedBy({ record, head }: OpenRecord): Promise<Rejected | undefined> {
      const replaced = judgeReplaced({ at: alias.at, retiredAt, head, renewEvery }, now)
      if (replaced === 'follow') return undefined
      if (replaced === 'unknown') return { reason: 'unknown', ended: UNKNOWN_ENDING }
      cache.forget(record.key)
      return reuse.raise(key, record.id)
    }
  }

  /** Whatever was made before everything was ended has ended then. */
  function sift(judged: Judged): Judged {
    const live = 'live' in judged ? judged.live : judged.suspended
    if (live === undefined || !generations.isPast(live.head)) return judged
    const { id } = live.record
    return { reason: 'ended', id, ended: { reason: 'elsewhere', at: generations.known } }
  }

  function pick(judged: readonly Judged[]): Found {
    return noteConfirmed(pickLive(judged.map(sift), warn))
  }

  /** Most requests carry one token, and nothing needs to be chosen. */
  function pickOnly(judged: Judged): Found {
    return 'live' in judged ? pickAlone(judged.live) : pick([judged])
  }

  function pickAlone(live: Live): Found {
    return generations.isPast(live.head) ? pick([{ live }]) : noteConfirmed(foundLive(live))
  }

  function noteConfirmed(origin: Found): Found {
    if (origin.type === 'live' && origin.live.head.isPending === true && !origin.live.isOwed) confirm(origin.live)
    return origin
  }

  async function consider(token: string, isStrict: boolean, now: number): Promise<Judged> {
    const key = keyOf(token)
    const copy = isStrict ? undefined : copyOf(token, key, now)
    return copy === undefined ? look(token, key, isStrict) : { live: copy }
  }

  return {
    find: (tokens, isStrict) => {
      const now = performance.now()
      const refreshing = generations.refresh(now)
      if (tokens.length > 1 || refreshing !== undefined) {
        const judging = Promise.all(tokens.map((token) => consider(token, isStrict, now)))
        return Promise.all([judging, refreshing]).then(([judged]) => pick(judged))
      }
      const token = tokens[0]!
      const key = keyOf(token)
      const copy = isStrict ? undefined : copyOf(token, key, now)
      return copy === undefined ? look(token, key, isStrict).then(pickOnly) : pickAlone(copy)
    },
  }
}
