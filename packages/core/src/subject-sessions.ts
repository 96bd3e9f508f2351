/** All sessions of one subject: found by the store's index, judged, and ended one by one. */
import type { Clock } from './contracts/clock.ts'
import type { EndReason } from './contracts/record.ts'
import type { Found, SubjectPage } from './contracts/store.ts'
import { tell } from './mechanisms/events.ts'
import type { Generations } from './mechanisms/generations.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import { judge } from './mechanisms/lifetime.ts'
import type { OpenRecord } from './mechanisms/live.ts'
import type { Open } from './mechanisms/open-record.ts'
import type { RecordCache } from './mechanisms/record-cache.ts'
import type { Mint } from './mechanisms/token.ts'

/** A page of a subject's live sessions. */
export interface SubjectSessionsPage {
  readonly sessions: readonly OpenRecord[]
  readonly next: string | undefined
}

export interface SubjectSessions {
  /** Answers a page of the live sessions, the oldest first; fewer than asked for where some are none. @throws StoreError */
  page(subject: string, page: SubjectPage): Promise<SubjectSessionsPage>
  /** Answers all that live. @throws StoreError */
  all(subject: string): Promise<readonly OpenRecord[]>
  /** Ends a session that was listed, wherever it has moved since. Answers whether it lived. @throws StoreError */
  end(session: Pick<Found, 'record'>, reason: EndReason): Promise<boolean>
  /**
   * Ends those that `isMeant`, suspended ones too, until a listing shows none of them: one that is renewed meanwhile may be
   * missed once.
   * Answers the public names of those that lived. @throws StoreError
   */
  endEach(subject: string, isMeant: (session: OpenRecord) => boolean, reason: EndReason): Promise<ReadonlySet<string>>
}

export interface SubjectSessionsParts {
  readonly store: GuardedStore
  readonly open: Open
  readonly cache: Pick<RecordCache<never>, 'forget'>
  readonly clock: Clock
  readonly mint: Mint
  readonly generations: Generations
}

const PAGE = 100

/** How often a listing that still shows sessions is repeated. */
const PASSES = 16

export function createSubjectSessions(parts: SubjectSessionsParts): SubjectSessions {
  const { store, cache, clock, mint, generations } = parts

  async function page(subject: string, terms: SubjectPage, which = isLive): Promise<SubjectSessionsPage> {
    const [{ sessions, next }] = await Promise.all([store.listSubject(subject, terms), generations.refresh()])
    const now = clock.now()
    const judged = await Promise.all(sessions.filter((found) => which(found, now)).map((found) => openLive(found)))
    return { sessions: judged.filter((one) => one !== undefined), next }
  }

  function isLive({ record, idleUntil }: Found, now: number): boolean {
    return judge(record, idleUntil, now) === 'live'
  }

  /** One that is suspended can be revived, so that it has to be ended as those that live. */
  function isThere(found: Found, now: number): boolean {
    return isLive(found, now) || judge(found.record, found.idleUntil, now) === 'suspended'
  }

  /** Answers a session that somebody has the token of, as far as can be told. */
  async function openLive(found: Found): Promise<OpenRecord | undefined> {
    const opened = parts.open(found)
    if (opened === undefined) return undefined
    const { isPending, formerKey } = opened.head
    if (generations.isPast(opened.head)) return undefined
    if (isPending !== true || formerKey === undefined) return opened
    // A renewal by age that crashed half-way left a record that nobody has the token of.
    const former = await store.load(formerKey)
    return former.outcome === 'moved' && former.alias.successor === found.key ? opened : undefined
  }

  async function all(subject: string, which = isLive): Promise<readonly OpenRecord[]> {
    const sessions: OpenRecord[] = []
    let after: string | undefined
    do {
      const { sessions: some, next }: SubjectSessionsPage = await page(subject, { limit: PAGE, after }, which)
      sessions.push(...some)
      after = next
    } while (after !== undefined)
    return sessions
  }

  async function end({ record: { key, id } }: Pick<Found, 'record'>, reason: EndReason): Promise<boolean> {
    try {
      const { outcome } = await store.end(key, { reason, at: clock.now(), id, commitId: mint.commitId() })
      if (outcome !== 'ended') return false
      tell('holdfast:ended', { id, reason })
      return true
    } finally {
      cache.forget(key)
    }
  }

  return {
    page: (subject, terms) => page(subject, terms),
    all: (subject) => all(subject),
    end,
    endEach: async (subject, isMeant, reason) => {
      const ended = new Set<string>()
      for (let pass = 0; pass < PASSES; pass++) {
        const meant = (await all(subject, isThere)).filter(isMeant)
        const outcomes = await Promise.all(
          meant.map(async (one) => ((await end(one, reason)) ? one.record.id : undefined)),
        )
        for (const id of outcomes) if (id !== undefined) ended.add(id)
        // An empty pass after the first may still have met a renewal.
        if (meant.length === 0 && pass > 0) break
      }
      return ended
    },
  }
}
