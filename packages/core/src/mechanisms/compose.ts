/** Turns a draft into the record that a commit writes: pure functions of draft, policy and time. */
import { COMMITS_KEPT, type OfferedRecord, RECORD_FORMAT } from '../contracts/record.ts'
import { writeBody } from './body.ts'
import type { Draft } from './draft.ts'
import { type LifetimePolicy, idleDeadline } from './lifetime.ts'
import { keyOf } from './token.ts'

export interface CompositionTerms {
  readonly policy: LifetimePolicy
  readonly now: number
  readonly token: string
  /** The id of a session that begins here. */
  readonly newId: () => string
  readonly commitId: string
  /** Whether the request counts as use; otherwise the idle deadline stays where it was. */
  readonly isActive: boolean
}

/** Answers the next record of a draft's session, or the first one of a new session. */
export function composeRecord(draft: Draft, terms: CompositionTerms): OfferedRecord {
  const { policy, now, token, commitId } = terms
  const { base, lifetime } = draft
  const previous = base?.record
  const authenticatedAt = draft.isAuthenticating ? now : previous?.authenticatedAt
  const createdAt = previous?.createdAt ?? now
  const idleTimeout = lifetime.idleTimeout ?? previous?.idleTimeout ?? policy.idleTimeout
  const absoluteAt =
    lifetime.absoluteTimeout === undefined
      ? (previous?.absoluteAt ?? now + policy.absoluteTimeout)
      : (authenticatedAt ?? createdAt) + lifetime.absoluteTimeout
  const record = {
    format: RECORD_FORMAT,
    key: token === base?.token ? base.record.key : keyOf(token),
    id: previous?.id ?? terms.newId(),
    revision: (previous?.revision ?? 0) + 1,
    commits: [commitId, ...(previous?.commits ?? [])].slice(0, COMMITS_KEPT),
    createdAt,
    absoluteAt,
    idleTimeout,
    persistent: lifetime.persistent ?? previous?.persistent ?? false,
    subject: draft.subject,
    authenticatedAt,
    body: writeBody(draft.fields()),
  }
  const isIdleKept =
    base !== undefined && !terms.isActive && !draft.isAuthenticating && base.record.idleTimeout === idleTimeout
  return { ...record, idleUntil: isIdleKept ? Math.min(base.idleUntil, absoluteAt) : idleDeadline(record, now) }
}
