/**
 * Turns intents into a seal for the client. There is nobody else to ask, so there is one round, and no conflict: of two
 * answers the one that the client gets last is what its session holds.
 */
import type { Committer } from '../commit/committer.ts'
import type { CommitOrder, Committed } from '../commit/order.ts'
import type { Clock } from '../contracts/clock.ts'
import type { OfferedRecord } from '../contracts/record.ts'
import { writeBody } from '../mechanisms/body.ts'
import { composeRecord } from '../mechanisms/compose.ts'
import type { CookieSeals } from '../mechanisms/cookie-sessions/cookie-seals.ts'
import { writeSealedRecord } from '../mechanisms/cookie-sessions/sealed-record.ts'
import { Draft } from '../mechanisms/draft.ts'
import type { DraftRules } from '../mechanisms/draft-rules.ts'
import { tell } from '../mechanisms/events.ts'
import { tooLarge } from '../mechanisms/fields.ts'
import { endOf, idleDeadline, keptIdleDeadline } from '../mechanisms/lifetime.ts'
import type { Live } from '../mechanisms/live.ts'
import type { RecordHead } from '../mechanisms/record-head.ts'
import { SharedValues } from '../mechanisms/shared-values.ts'

export interface CookieCommitterParts {
  readonly seals: CookieSeals
  readonly rules: DraftRules
  readonly clock: Clock
  /** How many characters a seal may have. */
  readonly capacity: number
  /** Whether a session that is used now needs a new seal, although nothing of it changes. */
  readonly isTokenDue: (live: Live, now: number) => boolean
}

export interface CookieCommitter extends Committer {
  /** Seals a session anew, as used now. @throws ValueError `ERR_TOO_LARGE`, StoreError `ERR_KEYS` */
  keep(live: Live, now: number): Promise<Live>
}

/** No client is told apart: there is no list to show it in. */
const NO_TRAITS = {}

export function createCookieCommitter(parts: CookieCommitterParts): CookieCommitter {
  const { seals, rules, clock, capacity, isTokenDue } = parts

  async function commit(order: CommitOrder): Promise<Committed> {
    const draft = new Draft(rules, order.origin)
    draft.apply(order.intents, { isTakeExclusive: false })
    const committed = draft.hasRecordToWrite() ? await write(draft, order) : await leave(draft)
    for (const { id, reason } of draft.ends) tell('holdfast:ended', { id, reason })
    return committed
  }

  /** Nothing of the session changes; its seal may have to, so that it shows the use. */
  async function leave(draft: Draft): Promise<Committed> {
    const { base } = draft
    if (base === undefined) return { live: undefined, client: draft.isSignedOut ? 'clear' : 'none' }
    const now = clock.now()
    if (!isTokenDue(base, now)) return { live: base, client: 'none' }
    return { live: await keep(base, now), client: 'token' }
  }

  async function keep(live: Live, now: number): Promise<Live> {
    const { record, head, fields } = live
    const idleUntil = Math.max(live.idleUntil, idleDeadline(record, now))
    if (record.revision > 0) return sealed(live, { ...record, idleUntil }, head)
    // What comes from another library has no body yet, and begins here.
    const body = writeBody(head, fields)
    const begun = await sealed(live, { ...record, revision: 1, body, idleUntil }, head)
    tell('holdfast:created', { id: record.id, isSignedIn: record.subject !== undefined })
    return begun
  }

  async function write(draft: Draft, order: CommitOrder): Promise<Committed> {
    const now = clock.now()
    const { base, renewal } = draft
    const terms = {
      policy: rules.policy,
      now,
      newId: order.newId,
      isActive: order.isActive,
      generation: 0,
      client: () => NO_TRAITS,
    }
    const { offered, head, fields } = composeRecord(draft, terms, { token: base?.token ?? '', commitId: '' })
    const kept = base && { idleTimeout: base.record.idleTimeout, idleUntil: base.idleUntil }
    // The old seal goes on to open: it is another session from here on, and its name must say so.
    const id = renewal === undefined ? offered.id : order.newId()
    const record = { ...offered, id, key: id, idleUntil: keptIdleDeadline(kept, offered) }
    const live = await sealed({ ...NOTHING_SHARED, fields }, record, head)
    if (base === undefined || base.record.revision === 0) {
      tell('holdfast:created', { id, isSignedIn: record.subject !== undefined })
    } else if (renewal !== undefined) tell('holdfast:renewed', { id, reason: renewal })
    return { live, client: 'token' }
  }

  async function sealed(
    { fields, isCopy, isOwed }: Pick<Live, 'fields' | 'isCopy' | 'isOwed'>,
    record: OfferedRecord,
    head: RecordHead,
  ): Promise<Live> {
    const { idleUntil } = record
    const token = await seals.seal(writeSealedRecord(record), endOf(record, idleUntil))
    if (token.length > capacity) throw tooLarge(fields, rules.sizeLimit, rules.sizedBy)
    return { token, record, idleUntil, head, fields, values: new SharedValues(), isCopy, isOwed }
  }

  return { commit, keep }
}

const NOTHING_SHARED = { isCopy: false, isOwed: false }
