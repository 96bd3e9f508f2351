/**
 * A session as it would be with a request's intents applied: what the handle shows, and what a commit writes.
 *
 * There is one way to apply an intent. Recording applies it to the handle's draft; a conflict applies the same list
 * to a draft of the newer record. So a request reads what it will write.
 */
import type { EndReason } from '../contracts/record.ts'
import { type Assurance, NO_ASSURANCE, proofOf, proofOfLogin, withProof } from './assurance.ts'
import { type Fields, NO_FIELDS } from './body.ts'
import { DraftFields, type FieldConflict } from './draft-fields.ts'
import type { ApplyTerms, DraftRules } from './draft-rules.ts'
import { sizeOf } from './fields.ts'
import {
  type HeaderIntent,
  type Intent,
  type LifetimeChange,
  type Proof,
  type RenewalReason,
  isFieldIntent,
} from './intents.ts'
import { type Live, NO_ORIGIN, type Origin } from './live.ts'
import type { FieldChanges } from './packed-fields.ts'

/** A session that the draft ends. */
export interface DraftEnd {
  readonly key: string
  readonly id: string | undefined
  readonly reason: EndReason
}

interface Head {
  origin: Origin
  subject: string | undefined
  proof: Proof
  /** Whether the subject proves who they are within this draft, and whether both lifetimes begin anew by that. */
  proving: 'no' | 'further' | 'anew'
  /** Whether that is more than a login, so that it counts in a session that the client remembers too. */
  isStepUp: boolean
  renewal: RenewalReason | undefined
  confirmedAt: number | undefined
  lifetime: LifetimeChange
  fields: DraftFields
  ends: readonly DraftEnd[]
  isSignedOut: boolean
}

/** The lifetime change of drafts that change none, so that they can be told by it. */
const NO_LIFETIME_CHANGE: LifetimeChange = Object.freeze({})

const NO_ENDS: readonly DraftEnd[] = []

const LENIENT: ApplyTerms = { isTakeExclusive: false }

export class Draft {
  readonly #rules: DraftRules
  #head: Head

  constructor(rules: DraftRules, origin: Origin) {
    this.#rules = rules
    const live = origin.type === 'live' ? origin.live : undefined
    this.#head = {
      origin,
      subject: live?.record.subject,
      proof: live === undefined ? NO_ASSURANCE : proofOf(live.record, live.head),
      proving: 'no',
      isStepUp: false,
      renewal: undefined,
      confirmedAt: undefined,
      lifetime: NO_LIFETIME_CHANGE,
      fields: new DraftFields(rules, live),
      ends: NO_ENDS,
      isSignedOut: false,
    }
  }

  /** The live session that the draft goes on from; `undefined` where it begins a new one. */
  get base(): Live | undefined {
    const { origin } = this.#head
    return origin.type === 'live' ? origin.live : undefined
  }
  /** Whether the token belongs to a session that goes on without it: then nothing may be written. */
  get isSuperseded(): boolean {
    return this.#head.origin.type === 'superseded'
  }
  get subject(): string | undefined {
    return this.#head.subject
  }
  /** Whether the subject proves who they are within this draft. */
  get isProving(): boolean {
    return this.#head.proving !== 'no'
  }
  /** Whether both lifetimes begin within this draft. */
  get isStarting(): boolean {
    return this.#head.proving === 'anew' || this.base === undefined
  }
  /** When both lifetimes began; `undefined` where they begin within this draft. */
  get startedAt(): number | undefined {
    const { base } = this
    if (base === undefined || this.isStarting) return undefined
    return base.head.startedAt ?? base.record.authenticatedAt ?? base.record.createdAt
  }
  /** Why the session goes on under a new token; `undefined`: it does not. */
  get renewal(): RenewalReason | undefined {
    return this.base === undefined ? undefined : this.#head.renewal
  }
  /** When the session's token was first presented, if this draft takes note of it. */
  get confirmedAt(): number | undefined {
    return this.base?.head.isPending === true ? this.#head.confirmedAt : undefined
  }
  /** How the subject has proved who they are, up to and including this draft, which is committed at `now`. */
  assurance(now: number): Assurance {
    const { proof, subject } = this.#head
    if (subject === undefined) return NO_ASSURANCE
    return { ...proof, freshSince: this.#freshSince(now) }
  }
  /** The level of that. */
  get level(): number {
    return this.#head.subject === undefined ? NO_ASSURANCE.level : this.#head.proof.level
  }

  /** When the subject last proved more than a login does, up to and including this draft. */
  provenAt(now: number): number | undefined {
    const { isStepUp } = this.#head
    if (this.isProving) return isStepUp ? now : undefined
    return this.base?.head.provenAt
  }
  #freshSince(now: number): number | undefined {
    const { base } = this
    const isRemembered = this.#head.lifetime.persistent ?? base?.record.persistent ?? false
    if (isRemembered) return this.provenAt(now)
    return this.isProving ? now : base?.record.authenticatedAt
  }
  get lifetime(): LifetimeChange {
    return this.#head.lifetime
  }
  /** Sessions to end before anything is written. */
  get ends(): readonly DraftEnd[] {
    return this.#head.ends
  }
  get conflicts(): readonly FieldConflict[] {
    return this.#head.fields.conflicts
  }
  /** Whether the client is to forget its token, unless it gets a new one. */
  get isSignedOut(): boolean {
    return this.#head.isSignedOut
  }

  /** What the draft gives fields anew. */
  get changes(): FieldChanges {
    return this.#head.fields.changes
  }

  /** Answers the encoded value of a field. */
  read(name: string): Uint8Array | undefined {
    return this.#head.fields.read(name)
  }

  /** Answers the names of all fields that have a value. */
  names(): string[] {
    return [...this.fields().keys()]
  }

  /** Answers all fields as a commit would write them. Unchanged ones keep their very bytes. */
  fields(): Fields {
    return this.#head.fields.all()
  }

  /** Tells whether there is a record to write (apart from {@link ends}): a change, or a new session that holds something. */
  hasRecordToWrite(): boolean {
    const { base } = this
    const { subject, lifetime, renewal } = this.#head
    const hasLifetimeChange = lifetime !== NO_LIFETIME_CHANGE && Object.keys(lifetime).length > 0
    const hasHeaderChange = renewal !== undefined || this.confirmedAt !== undefined || hasLifetimeChange
    if (base !== undefined) return hasHeaderChange || this.#head.fields.hasChange
    return subject !== undefined || this.fields().size > 0 || (this.isSuperseded && hasHeaderChange)
  }

  /** Whether all that changes is fields of a live session: the head stays as it is, and nothing ends. */
  get isPlainChange(): boolean {
    const { origin, renewal, proving, confirmedAt, lifetime, ends, isSignedOut } = this.#head
    if (origin.type !== 'live' || renewal !== undefined || proving !== 'no' || confirmedAt !== undefined) return false
    return lifetime === NO_LIFETIME_CHANGE && ends.length === 0 && !isSignedOut
  }

  /** Tells whether saving this means that the client must be told a token: a new one, or how long to keep it. */
  get needsToken(): boolean {
    const { base, lifetime } = this
    if (!this.hasRecordToWrite() || this.isSuperseded) return false
    if (base === undefined || this.renewal !== undefined) return true
    const { persistent = base.record.persistent, absoluteTimeout } = lifetime
    return persistent !== base.record.persistent || (persistent && absoluteTimeout !== undefined)
  }

  /**
   * Applies intents in their order, all or none.
   *
   * @throws ConflictError `ERR_CONFLICT`, ValueError, and whatever a function of `update` throws.
   */
  apply(intents: readonly Intent[], terms: ApplyTerms = LENIENT): void {
    const { fields } = this.#head
    // Only intents of the header change it.
    const before: Head = intents.every(isFieldIntent) ? this.#head : { ...this.#head }
    fields.mark()
    const sizeBefore = fields.changes.size > 0 ? fields.size : undefined
    try {
      for (const intent of intents) {
        if (isFieldIntent(intent)) this.#head.fields.apply(intent, terms)
        else this.#applyHeader(intent)
      }
      this.#head.fields.checkSize(() => sizeBefore ?? sizeOf(this.base?.fields ?? NO_FIELDS))
    } catch (error) {
      this.#head = before
      fields.rollBack()
      throw error
    }
  }

  #applyHeader(intent: HeaderIntent): void {
    switch (intent.type) {
      case 'login':
        return this.#login(intent)
      case 'elevate':
        return this.#prove('elevate', 'further', intent.proof)
      case 'reauthenticate':
        return this.#prove('reauthenticate', intent.isRevival === true ? 'further' : 'anew', intent.proof)
      case 'lifetime':
        this.#head.lifetime = { ...this.#head.lifetime, ...intent.change }
        return
      case 'renew':
        this.#head.renewal ??= 'renew'
        return
      case 'age':
        if (this.base !== undefined && isOfAge(this.base, intent.now, intent.every)) this.#head.renewal ??= 'age'
        return
      case 'confirm':
        this.#head.confirmedAt = intent.at
        return
      case 'logout':
        return this.#end('logout')
      case 'destroy':
        return this.#end('destroy')
    }
  }

  #login({ subject, isRemembered, proof }: HeaderIntent & { type: 'login' }): void {
    const current = this.#head.subject
    if (current !== undefined && current !== subject) this.#startOver('login')
    if (this.isSuperseded) this.#head.origin = NO_ORIGIN
    Object.assign(this.#head, {
      subject,
      proof: proofOfLogin(proof, isRemembered),
      proving: 'anew',
      isStepUp: false,
      renewal: 'login',
      lifetime: { persistent: isRemembered },
    } satisfies Partial<Head>)
  }

  /** Lets the subject prove anew, or further, who they are. A session without one has ended meanwhile. */
  #prove(renewal: 'elevate' | 'reauthenticate', proving: 'further' | 'anew', proof: Proof | undefined): void {
    if (this.#head.subject === undefined) return
    Object.assign(this.#head, {
      proof: proof === undefined ? this.#head.proof : withProof(this.#head.proof, proof),
      proving: this.#head.proving === 'anew' ? 'anew' : proving,
      isStepUp: true,
      renewal,
      lifetime: proving === 'anew' ? {} : this.#head.lifetime,
    } satisfies Partial<Head>)
  }

  #end(reason: EndReason): void {
    this.#startOver(reason)
    this.#head.isSignedOut = true
  }

  /** Drops what was recorded: it belongs to the session that ends here. */
  #startOver(reason: EndReason): void {
    const { origin, ends, isSignedOut } = this.#head
    this.#head = {
      ...new Draft(this.#rules, NO_ORIGIN).#head,
      ends: [...ends, ...endsOf(origin, reason)],
      isSignedOut,
    }
  }
}

/** Says whether a token has been in use for so long. One that nobody has presented yet is not replaced. */
export function isOfAge({ head, record }: Live, now: number, every: number): boolean {
  const drawnAt = head.renewedAt ?? record.createdAt
  return now - drawnAt >= every && record.subject !== undefined && head.isPending !== true
}

function endsOf(origin: Origin, reason: EndReason): DraftEnd[] {
  switch (origin.type) {
    case 'live':
      return [{ key: origin.live.record.key, id: origin.live.record.id, reason }]
    case 'superseded':
      return [{ key: origin.key, id: undefined, reason }]
    case 'none':
      return origin.rivals.map(({ record }) => ({ key: record.key, id: record.id, reason }))
  }
}
