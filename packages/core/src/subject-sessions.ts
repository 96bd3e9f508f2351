/**
 * All sessions of one subject: found by the store's index, judged, and ended one by one. Ending one takes only what its
 * header says, so it needs no key and no understanding of the body.
 *
 * @see docs/adr/0049-ending-needs-no-opening.md
 */
import type { Clock } from './contracts/clock.ts'
import type { EndReason } from './contracts/record.ts'
import type { Found, SubjectPage } from './contracts/store.ts'
import { StoreError } from './contracts/errors.ts'
import { type UnopenedReason, tell } from './mechanisms/events.ts'
import type { Generations } from './mechanisms/generations.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import { judge } from './mechanisms/lifetime.ts'
import type { Open } from './mechanisms/open-record.ts'
import type { RecordCache } from './mechanisms/record-cache.ts'
import type { RecordHead } from './mechanisms/record-head.ts'
import type { Mint } from './mechanisms/token.ts'

/** A session that was listed, with its head where this process could open it. */
export interface SubjectSession extends Found {
  readonly head: RecordHead | undefined
}

/** A page of a subject's live sessions. */
export interface SubjectSessionsPage {
  readonly sessions: readonly SubjectSession[]
  readonly next: string | undefined
}

export interface SubjectSessions {
  /**
   * Answers a page of the live sessions, the oldest first; fewer than asked for where some are none. Those whose key this
   * process lacks, or that a newer version has written, come without a head. @throws StoreError
   */
  page(subject: string, page: SubjectPage): Promise<SubjectSessionsPage>
  /** Answers all that live. @throws StoreError */
  all(subject: string): Promise<readonly SubjectSession[]>
  /** Ends a session that was listed, wherever it has moved since. Answers whether it lived. @throws StoreError */
  end(session: Pick<Found, 'record'>, reason: EndReason): Promise<boolean>
  /**
   * Ends those whose public name `isMeant`, suspended ones and what nobody can read too, until a listing shows none of
   * them: one that is renewed meanwhile may be missed once.
   * Answers the public names of those that lived. @throws StoreError
   */
  endEach(subject: string, isMeant: (id: string) => boolean, reason: EndReason): Promise<ReadonlySet<string>>
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

/** What was listed. Without a head, `unopened` says why. */
interface Looked extends SubjectSession {
  readonly unopened: UnopenedReason | undefined
}

const UNOPENED: Readonly<Record<string, UnopenedReason>> = {
  ERR_KEY_UNKNOWN: 'key-unknown',
  ERR_RECORD_NEWER: 'newer',
}

export function createSubjectSessions(parts: SubjectSessionsParts): SubjectSessions {
  const { store, cache, clock, mint, generations } = parts

  /** Answers what is listed, which may also hold what is no session any more. */
  async function look(
    subject: string,
    terms: SubjectPage,
    isMeant: (found: Found, now: number) => boolean,
  ): Promise<{ readonly sessions: readonly Looked[]; readonly next: string | undefined }> {
    const [{ sessions, next }] = await Promise.all([store.listSubject(subject, terms), generations.refresh()])
    const now = clock.now()
    const looked = await Promise.all(sessions.filter((found) => isMeant(found, now)).map((found) => lookAt(found)))
    return { sessions: looked.filter((one) => one !== undefined), next }
  }

  /** Answers what somebody may have the token of, as far as can be told. */
  async function lookAt(found: Found): Promise<Looked | undefined> {
    const looked = tryToOpen(found)
    const { head, unopened } = looked
    if (unopened !== undefined) tell('holdfast:unopened', { id: found.record.id, reason: unopened })
    // Of what was not opened nobody can say more than its header does.
    if (head === undefined) return looked
    const { isPending, formerKey } = head
    if (generations.isPast(head)) return undefined
    if (isPending !== true || formerKey === undefined) return looked
    // A renewal by age that crashed half-way left a record that nobody has the token of.
    const former = await store.load(formerKey)
    return former.outcome === 'moved' && former.alias.successor === found.key ? looked : undefined
  }

  function tryToOpen(found: Found): Looked {
    try {
      const opened = parts.open(found)
      if (opened === undefined) return { ...found, head: undefined, unopened: 'unreadable' }
      return { ...found, record: opened.record, head: opened.head, unopened: undefined }
    } catch (error) {
      const unopened = error instanceof StoreError ? UNOPENED[error.code] : undefined
      if (unopened === undefined) throw error
      return { ...found, head: undefined, unopened }
    }
  }

  async function page(subject: string, terms: SubjectPage): Promise<SubjectSessionsPage> {
    const { sessions, next } = await look(subject, terms, isLive)
    return { sessions: sessions.filter(isSession), next }
  }

  async function all(
    subject: string,
    isMeant: (found: Found, now: number) => boolean = isLive,
  ): Promise<readonly Looked[]> {
    const looked: Looked[] = []
    let after: string | undefined
    do {
      const { sessions, next } = await look(subject, { limit: PAGE, after }, isMeant)
      looked.push(...sessions)
      after = next
    } while (after !== undefined)
    return looked
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
    page,
    all: async (subject) => (await all(subject)).filter(isSession),
    end,
    endEach: async (subject, isMeant, reason) => {
      const ended = new Set<string>()
      for (let pass = 0; pass < PASSES; pass++) {
        const meant = await all(subject, (found, now) => isMeant(found.record.id) && isThere(found, now))
        const outcomes = await Promise.all(
          meant.map(async (one) => ((await end(one, reason)) && isSession(one) ? one.record.id : undefined)),
        )
        for (const id of outcomes) if (id !== undefined) ended.add(id)
        // An empty pass after the first may still have met a renewal.
        if (meant.length === 0 && pass > 0) break
      }
      return ended
    },
  }
}

function isLive({ record, idleUntil }: Found, now: number): boolean {
  return judge(record, idleUntil, now) === 'live'
}

/** One that is suspended can be revived, so that it has to be ended as those that live. */
function isThere(found: Found, now: number): boolean {
  return isLive(found, now) || judge(found.record, found.idleUntil, now) === 'suspended'
}

/** What nobody can read is a session of nobody, but may have been damaged by who can repair it again. */
function isSession({ unopened }: Looked): boolean {
  return unopened !== 'unreadable'
}
