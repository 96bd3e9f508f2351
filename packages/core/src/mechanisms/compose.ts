/** Turns a draft into the record that a commit writes: pure functions of draft, policy and time. */
import { COMMITS_KEPT, type OfferedRecord, RECORD_FORMAT, SUSPENDABLE_FORMAT } from '../contracts/record.ts'
import { type Fields, packBody, patchBody } from './body.ts'
import type { ClientTraits } from './client-traits.ts'
import type { Draft } from './draft.ts'
import { type LifetimePolicy, idleDeadline } from './lifetime.ts'
import { nextLifetime } from './next-lifetime.ts'
import type { PackedBody } from './packed-fields.ts'
import { NO_HEAD, type RecordHead } from './record-head.ts'
import { keyOf } from './token.ts'

/** From this level on, nothing less than a full authentication revives a session (NIST SP 800-63B-4, 5.2). */
const FULL_PROOF_LEVEL = 3

export interface CompositionTerms {
  readonly policy: LifetimePolicy
  readonly now: number
  /** The id of a session that begins here. */
  readonly newId: () => string
  /** Whether the request counts as use; otherwise the idle deadline stays where it was. */
  readonly isActive: boolean
  /** The generation that a session of now is made under. */
  readonly generation: number
  /** The client that gets the token, where there is a new one. */
  readonly client: () => ClientTraits
}

/** What is drawn for one record. */
export interface DrawnForRecord {
  readonly token: string
  readonly commitId: string
}

/** A record to write, and what its body holds. */
export interface Composition {
  readonly offered: OfferedRecord
  readonly head: RecordHead
  readonly fields: Fields
}

/** Answers the next record of a draft's session, or the first one of a new session. */
export function composeRecord(draft: Draft, terms: CompositionTerms, { token, commitId }: DrawnForRecord): Composition {
  const { policy, now } = terms
  const { base, lifetime, subject, level, isStarting } = draft
  const previous = base?.record
  const id = previous?.id ?? terms.newId()
  const createdAt = previous?.createdAt ?? now
  const authenticatedAt = draft.isProving ? now : previous?.authenticatedAt
  const startedAt = draft.startedAt ?? now
  const persistent = lifetime.persistent ?? previous?.persistent ?? false
  const { idleTimeout, absoluteAt } = nextLifetime({
    policy,
    now,
    id,
    previous: isStarting ? undefined : previous,
    isSignedIn: subject !== undefined,
    isPersistent: persistent,
    level,
    change: lifetime,
    startedAt,
    provedAt: authenticatedAt ?? createdAt,
  })
  const { head, body, fields } = composePlain(draft) ?? composeBody(draft, terms, { startedAt, authenticatedAt })
  const offered = {
    format:
      policy.isSuspending && subject !== undefined && level < FULL_PROOF_LEVEL ? SUSPENDABLE_FORMAT : RECORD_FORMAT,
    key: token === base?.token ? base.record.key : keyOf(token),
    id,
    revision: (previous?.revision ?? 0) + 1,
    commits: previous === undefined ? [commitId] : [commitId, ...previous.commits.slice(0, COMMITS_KEPT - 1)],
    createdAt,
    absoluteAt,
    idleTimeout,
    persistent,
    subject,
    authenticatedAt,
    body,
    idleUntil: 0,
  }
  const isIdleKept = base !== undefined && !terms.isActive && !isStarting && base.record.idleTimeout === idleTimeout
  offered.idleUntil = isIdleKept ? Math.min(base.idleUntil, absoluteAt) : idleDeadline(offered, now)
  return { offered, head, fields }
}

interface ComposedBody extends PackedBody {
  readonly head: RecordHead
}

/** Where only fields change, their new values are put between the bytes that stay. */
function composePlain({ isPlainChange, base, changes }: Draft): ComposedBody | undefined {
  if (!isPlainChange || base === undefined) return undefined
  const patched = patchBody(base.record.body, base.fields, changes)
  return patched && { head: base.head, body: patched.body, fields: patched.fields }
}

function composeBody(draft: Draft, terms: CompositionTerms, instants: HeadInstants): ComposedBody {
  const head = composeHead(draft, terms, instants)
  return { head, ...packBody(head, draft.fields()) }
}

interface HeadInstants {
  readonly startedAt: number
  readonly authenticatedAt: number | undefined
}

/** What can be told from the header is left out. Members that this version does not know are handed on. */
function composeHead(draft: Draft, terms: CompositionTerms, instants: HeadInstants): RecordHead {
  const { base, subject, renewal, confirmedAt } = draft
  const { now, generation, client } = terms
  const { startedAt, authenticatedAt } = instants
  const before = base?.head ?? (generation > 0 ? { generation } : NO_HEAD)
  if (subject === undefined && renewal === undefined) return before
  const { isPending, confirmedAt: confirmed, ...rest } = before
  const { level, methods } = draft.assurance(now)
  const kept = {
    ...rest,
    ...(subject !== undefined && (base === undefined || renewal !== undefined) && client()),
    level: level > 1 ? level : undefined,
    methods: methods.length > 0 ? methods : undefined,
    startedAt: startedAt === authenticatedAt || subject === undefined ? undefined : startedAt,
    provenAt: draft.provenAt(now),
  }
  if (base !== undefined && renewal !== undefined) {
    return { ...kept, renewedAt: now, formerKey: base.record.key, isPending: renewal === 'age' || undefined }
  }
  const isStillPending = isPending === true && confirmedAt === undefined
  return { ...kept, isPending: isStillPending || undefined, confirmedAt: confirmedAt ?? confirmed }
}
