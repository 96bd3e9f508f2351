/**
 * Sessions that go unused for too long, and still may be revived by one factor (NIST SP 800-63B-4, 5.2, AAL2).
 *
 * A store forgets what is past its deadlines, so it is told later ones: all three, by the same length, for records of a
 * format of their own. So stores need know nothing of it. Whatever comes from a store is put right before anybody looks.
 */
import type { OfferedRecord, SessionRecord } from '../contracts/record.ts'
import type { Found, LoadResult, RenewResult, SubjectListing, Touch, UpdateResult } from '../contracts/store.ts'
import type { GuardedStore } from './guard.ts'
import { isSuspendable } from './lifetime.ts'

/**
 * How much later stores are told, in milliseconds: no session of such a profile may last longer, so that none is
 * forgotten before its absolute end.
 */
const SLACK = 24 * 3_600_000

/** Answers a store that is told later deadlines of suspendable sessions, and answers the right ones. */
export function withSuspension(store: GuardedStore): GuardedStore {
  return {
    ...store,
    load: (key) => store.load(key).then(told),
    create: (record, commitId) => store.create(postponed(record), commitId),
    update: (record, expected, commitId, isResent) =>
      store.update(postponed(record), expected, commitId, isResent).then(told),
    renew: (renewal, commitId, isResent) =>
      store.renew({ ...renewal, record: postponed(renewal.record) }, commitId, isResent).then(told),
    listSubject: (subject, page) => store.listSubject(subject, page).then(listed),
  }
}

/** Makes the touch of a record, as its store is to be told. */
export function touchOf(record: SessionRecord, idleUntil: number): Touch {
  const slack = isSuspendable(record) ? SLACK : 0
  return { key: record.key, idleUntil: idleUntil + slack, idleTimeout: record.idleTimeout + slack }
}

function postponed(record: OfferedRecord): OfferedRecord {
  return isSuspendable(record) ? { ...shifted(record, SLACK), idleUntil: record.idleUntil + SLACK } : record
}

function told<Answer extends LoadResult | UpdateResult | RenewResult>(answer: Answer): Answer {
  return 'record' in answer && isSuspendable(answer.record) ? { ...answer, ...putRight(answer) } : answer
}

function listed(listing: SubjectListing): SubjectListing {
  if (!listing.sessions.some(({ record }) => isSuspendable(record))) return listing
  const sessions = listing.sessions.map((found) =>
    isSuspendable(found.record) ? { ...found, ...putRight(found) } : found,
  )
  return { ...listing, sessions }
}

function putRight({ record, idleUntil }: Pick<Found, 'record' | 'idleUntil'>): Pick<Found, 'record' | 'idleUntil'> {
  const right = shifted(record, -SLACK)
  return { record: right, idleUntil: Math.min(idleUntil - SLACK, right.absoluteAt) }
}

function shifted<Kept extends SessionRecord>(record: Kept, by: number): Kept {
  return { ...record, idleTimeout: record.idleTimeout + by, absoluteAt: record.absoluteAt + by }
}
