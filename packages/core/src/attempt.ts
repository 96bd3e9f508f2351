/** One write of a commit: what is sent, under which commit id, and what it will have changed. */
import type { Alias, OfferedRecord } from './contracts/record.ts'
import { composeRecord } from './mechanisms/compose.ts'
import type { ClientTraits } from './mechanisms/client-traits.ts'
import type { Draft } from './mechanisms/draft.ts'
import type { RenewalReason } from './mechanisms/intents.ts'
import { type LifetimePolicy, isSuspendable, keptIdleDeadline } from './mechanisms/lifetime.ts'
import type { Live } from './mechanisms/live.ts'
import { SharedValues } from './mechanisms/shared-values.ts'
import { sealToken } from './mechanisms/token-seal.ts'
import type { Mint } from './mechanisms/token.ts'

/** One write, always sent with the same content under its commit id. */
export interface Attempt {
  readonly live: Live
  readonly offered: OfferedRecord
  readonly commitId: string
  /** The record that it goes on from. */
  readonly base: Live | undefined
  /** What it leaves under the old key, if the session goes on under another one. */
  readonly alias: Alias | undefined
  readonly client: 'token' | 'none'
  readonly reason: RenewalReason | undefined
  /** Whether it goes on from a suspended session, which had lost its place among those of its subject. */
  readonly isRevival: boolean
}

/** A write that may or may not have been applied, and how many of the handle's intents it holds. */
export interface Unsettled extends Attempt {
  readonly intentCount: number
}

export interface AttemptTerms {
  readonly policy: LifetimePolicy
  readonly mint: Mint
  readonly now: number
  /** Whether the commit counts as use of the session. */
  readonly isActive: boolean
  readonly newId: () => string
  readonly generation: number
  readonly client: () => ClientTraits
}

/** Makes the write that saves a draft. */
export function prepareAttempt(draft: Draft, terms: AttemptTerms): Attempt {
  const { mint, now } = terms
  const { base, renewal: reason } = draft
  const isNewToken = base === undefined || reason !== undefined
  const token = isNewToken ? mint.token() : base.token
  const commitId = mint.commitId()
  const { offered, head, fields } = composeRecord(draft, terms, { token, commitId })
  const kept = base && { idleTimeout: base.record.idleTimeout, idleUntil: base.idleUntil }
  return {
    live: {
      token,
      record: offered,
      idleUntil: keptIdleDeadline(kept, offered),
      head,
      fields,
      values: isNewToken ? new SharedValues() : base.values.without(draft.changes),
      isCopy: false,
      isOwed: !isNewToken && base.isOwed,
    },
    offered,
    commitId,
    base,
    alias: base !== undefined && isNewToken ? aliasFor(base, { token, offered, commitId, reason, now }) : undefined,
    client: isNewToken || isCookieChanged(base, offered) ? 'token' : 'none',
    reason,
    isRevival: base !== undefined && isSuspendable(base.record) && now >= base.idleUntil,
  }
}

interface Successor extends Pick<Attempt, 'offered' | 'commitId' | 'reason'> {
  readonly token: string
  readonly now: number
}

/** Only a renewal by age lets the old token lead on; how long is judged when it comes back. */
function aliasFor(base: Live, { token, offered, commitId, reason, now }: Successor): Alias {
  const alias = { successor: offered.key, at: now, graceUntil: now, commitId }
  if (reason !== 'age') return alias
  return { ...alias, graceUntil: offered.absoluteAt, sealedToken: sealToken(token, base.token) }
}

/** A client that keeps its token for a while must learn when that changes. */
function isCookieChanged(base: Live, { persistent, absoluteAt }: OfferedRecord): boolean {
  return base.record.persistent !== persistent || (persistent && base.record.absoluteAt !== absoluteAt)
}
