/**
 * Keeps a subject's sessions within their limit.
 *
 * Before a session is written, it gets a seat in the ledger of its subject; whoever loses theirs by that is noted as
 * leaving. After it is written, those who leave are ended, be it the one that was just written. The ledger is a record
 * of the store like any other, so that logins of all processes are compared one after another.
 *
 * @see docs/adr/0034-limits-by-a-ledger.md
 */
import type { Clock } from './contracts/clock.ts'
import { LimitError, StoreError } from './contracts/errors.ts'
import { COMMITS_KEPT, type OfferedRecord, RECORD_FORMAT, type SessionRecord } from './contracts/record.ts'
import type { LoadResult } from './contracts/store.ts'
import { createBatches } from './mechanisms/batches.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import { type LifetimePolicy, judge } from './mechanisms/lifetime.ts'
import { readLedger, writeLedger } from './mechanisms/ledger-body.ts'
import { EMPTY_LEDGER, type Ledger, type Seat, type SessionLimit, seat } from './mechanisms/seats.ts'
import { type Mint, keyOfText } from './mechanisms/token.ts'
import type { SubjectSessions } from './subject-sessions.ts'

/** A session that is about to be written for a subject that has just signed in. */
export interface Comer {
  readonly id: string
  readonly key: string
}

export interface SessionLimits {
  /** Gives a session a seat. @throws StoreError, LimitError `ERR_TOO_MANY_SESSIONS` */
  admit(subject: string, comer: Comer): Promise<void>
  /** Ends those who have lost their seats. Called once the session is written. @throws StoreError */
  settle(subject: string): Promise<void>
}

export interface SessionLimitsParts {
  readonly store: GuardedStore
  readonly subjects: SubjectSessions
  readonly clock: Clock
  readonly mint: Mint
  readonly policy: LifetimePolicy
  readonly sessionLimit: SessionLimit
  readonly storeDeadline: number
  readonly commitDeadline: number
}

/** How often a ledger is read again because another process has written it. */
const ROUNDS = 64

/** Never reached: what is in a ledger ends before. */
const NEVER_IDLE = 400 * 86_400_000

export function createSessionLimits(parts: SessionLimitsParts): SessionLimits {
  const { store, subjects, clock, mint, policy, sessionLimit, storeDeadline, commitDeadline } = parts
  const longest = Math.max(policy.absoluteTimeout, policy.remember.absoluteTimeout)
  const admissions = createBatches<Comer, ReadonlySet<string>>(seatAll)
  const settlements = createBatches<undefined, void>(endLeaving)

  async function seatAll(subject: string, comers: readonly Comer[]): Promise<ReadonlySet<string>> {
    const key = ledgerKey(subject)
    for (let round = 0; round < ROUNDS; round++) {
      const [answer, listed] = await Promise.all([store.load(key), subjects.all(subject)])
      const now = clock.now()
      const standing = ledgerIn(answer, now)
      const ledger = standing === undefined ? EMPTY_LEDGER : readLedger(standing.body)
      const coming = await stillComing(ledger, new Set(listed.map(({ record }) => record.id)), now)
      const comingUntil = now + commitDeadline + storeDeadline
      const seated = seat(
        comers.map((comer) => ({ ...comer, comingUntil })),
        { ledger, listed: listed.map(({ record }) => record), coming, now },
        sessionLimit,
      )
      const absoluteAt = Math.max(now + longest, ...listed.map(({ record }) => record.absoluteAt)) + NEVER_LATE
      if (await isWritten(key, seated.ledger, standing, { now, absoluteAt }, answer)) return seated.refused
    }
    throw new StoreError(
      'ERR_COMMIT_TIMEOUT',
      `Other processes changed the seats of a subject ${ROUNDS} times while this one tried to. Nobody was signed in. Try again.`,
    )
  }

  async function isWritten(
    key: string,
    ledger: Ledger,
    previous: SessionRecord | undefined,
    { now, absoluteAt }: { now: number; absoluteAt: number },
    answer: LoadResult,
  ): Promise<boolean> {
    const commitId = mint.commitId()
    const record: OfferedRecord = {
      format: RECORD_FORMAT,
      key,
      id: previous?.id ?? mint.id(),
      revision: (previous?.revision ?? 0) + 1,
      commits: [commitId, ...(previous?.commits ?? [])].slice(0, COMMITS_KEPT),
      createdAt: previous?.createdAt ?? now,
      absoluteAt,
      idleTimeout: NEVER_IDLE,
      idleUntil: absoluteAt,
      persistent: false,
      subject: undefined,
      authenticatedAt: undefined,
      body: writeLedger(ledger),
    }
    if (previous !== undefined) {
      return (await store.update(record, previous.revision, commitId, false)).outcome === 'updated'
    }
    // A ledger that is past its end is in the way for a minute: then the listing alone decides.
    if (answer.outcome === 'found') return true
    return (await store.create(record, commitId)).outcome === 'created'
  }

  /** Of the seats that are not listed, those whose record may still be on its way, or was missed by the listing. */
  async function stillComing(ledger: Ledger, listed: ReadonlySet<string>, now: number): Promise<ReadonlySet<string>> {
    const unlisted = ledger.seats.filter(({ id, comingUntil }) => !listed.has(id) && comingUntil > now)
    const isComing = await Promise.all(unlisted.map((each) => mayCome(each, now)))
    return new Set(unlisted.filter((_, index) => isComing[index]).map(({ id }) => id))
  }

  async function mayCome({ key }: Seat, now: number): Promise<boolean> {
    const answer = await store.load(key)
    if (answer.outcome === 'found') return judge(answer.record, answer.idleUntil, now) === 'live'
    return answer.outcome !== 'ended'
  }

  async function endLeaving(subject: string): Promise<void> {
    const standing = ledgerIn(await store.load(ledgerKey(subject)), clock.now())
    const leaving = new Set(standing && readLedger(standing.body).leaving.map(({ id }) => id))
    if (leaving.size === 0) return
    const listed = await subjects.all(subject)
    await Promise.all(listed.filter(({ record }) => leaving.has(record.id)).map((one) => subjects.end(one, 'limit')))
  }

  return {
    admit: async (subject, comer) => {
      const refused = await admissions.add(subject, comer)
      if (!refused.has(comer.id)) return
      throw new LimitError(
        'ERR_TOO_MANY_SESSIONS',
        `This subject has as many sessions as \`maxSessions\` allows (${sessionLimit.limit}), so nobody was signed in. ` +
          'Ask the user to sign out elsewhere first.',
      )
    },
    settle: (subject) => settlements.add(subject, undefined),
  }
}

/** A ledger outlives every session it may name. */
const NEVER_LATE = 3_600_000

/** No token leads there: none has a space. */
function ledgerKey(subject: string): string {
  return keyOfText(`the sessions of ${subject}`)
}

function ledgerIn(answer: LoadResult, now: number): SessionRecord | undefined {
  if (answer.outcome !== 'found' || judge(answer.record, answer.idleUntil, now) !== 'live') return undefined
  return answer.record
}
