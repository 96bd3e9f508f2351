/**
 * A session as it would be with a request's intents applied: what the handle shows, and what a commit writes.
 *
 * There is one way to apply an intent. Recording applies it to the handle's draft; a conflict applies the same list
 * to a draft of the newer record. So a request reads what it will write.
 */
import type { Codec } from '../contracts/codec.ts'
import { ConflictError, ValueError } from '../contracts/errors.ts'
import type { EndReason } from '../contracts/record.ts'
import { type Assurance, NO_ASSURANCE, proofOf, proofOfLogin, withProof } from './assurance.ts'
import { type Fields, NO_FIELDS, isSameBytes } from './body.ts'
import { decodeField, encodeField, fieldSize, sizeOf, tooLarge } from './fields.ts'
import type { FieldIntent, HeaderIntent, Intent, LifetimeChange, Proof, RenewalReason, Seen } from './intents.ts'
import type { FieldChanges } from './packed-fields.ts'
import type { LifetimePolicy } from './lifetime.ts'
import { type Live, NO_ORIGIN, type Origin } from './live.ts'
import { withoutTaken } from './taken.ts'

/** Decides between two values that requests gave to one field at the same time; `undefined` removes the field. */
export type ConflictResolver = (ours: unknown, theirs: unknown, name: string) => unknown

/** What to do when two requests gave one field different values. */
export type ConflictPolicy = 'last' | 'throw' | ConflictResolver

/** What a draft needs to know beside the record. */
export interface DraftRules {
  readonly codec: Codec
  readonly policy: LifetimePolicy
  readonly onConflict: ConflictPolicy
  /** Bytes that all fields together may have. */
  readonly sizeLimit: number
  /** The option by which a program sets that. @default 'sizeLimit' */
  readonly sizedBy?: string
}

/** How one commit wants its intents applied. */
export interface ApplyTerms {
  /** Refuses a `take` whose value another request has taken, for one-time secrets. */
  readonly isTakeExclusive: boolean
}

/** A field that two requests changed at once, and how that was decided. */
export interface FieldConflict {
  readonly name: string
  readonly resolution: 'last' | 'resolved' | 'kept'
}

/** A session that the draft ends. */
export interface DraftEnd {
  readonly key: string
  readonly id: string | undefined
  readonly reason: EndReason
}

/** New values by field; `undefined`: removed. */
type Changes = Map<string, Uint8Array | undefined>

/** What a change replaced. */
type Undo = readonly [changes: Changes, name: string, had: boolean, bytes: Uint8Array | undefined]

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
  changes: Changes
  /** Bytes of all fields; `undefined` until something changes. */
  size: number | undefined
  ends: readonly DraftEnd[]
  conflicts: readonly FieldConflict[]
  isSignedOut: boolean
}

/** Shared by all drafts that change no field, so that a request which only reads makes no map. Never written to. */
const NO_CHANGES: Changes = new Map()

/** The lifetime change of drafts that change none, so that they can be told by it. */
const NO_LIFETIME_CHANGE: LifetimeChange = Object.freeze({})

const NONE: readonly never[] = []

const LENIENT: ApplyTerms = { isTakeExclusive: false }

export class Draft {
  readonly #rules: DraftRules
  #head: Head
  #undo: Undo[] = []

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
      changes: NO_CHANGES,
      size: undefined,
      ends: NONE,
      conflicts: NONE,
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
    return this.#head.conflicts
  }
  /** Whether the client is to forget its token, unless it gets a new one. */
  get isSignedOut(): boolean {
    return this.#head.isSignedOut
  }

  /** What the draft gives fields anew. */
  get changes(): FieldChanges {
    return this.#head.changes
  }

  /** Answers the encoded value of a field. */
  read(name: string): Uint8Array | undefined {
    const { changes } = this.#head
    return changes.size > 0 && changes.has(name) ? changes.get(name) : this.base?.fields.get(name)
  }

  /** Answers the names of all fields that have a value. */
  names(): string[] {
    return [...this.fields().keys()]
  }

  /** Answers all fields as a commit would write them. Unchanged ones keep their very bytes. */
  fields(): Fields {
    const { base } = this
    const { changes } = this.#head
    if (changes.size === 0) return base?.fields ?? NO_FIELDS
    const fields = new Map(base?.fields)
    for (const [name, bytes] of changes) {
      if (bytes === undefined) fields.delete(name)
      else fields.set(name, bytes)
    }
    return fields
  }

  /** Tells whether there is a record to write (apart from {@link ends}): a change, or a new session that holds something. */
  hasRecordToWrite(): boolean {
    const { base } = this
    const { subject, lifetime, renewal } = this.#head
    const hasLifetimeChange = lifetime !== NO_LIFETIME_CHANGE && Object.keys(lifetime).length > 0
    const hasHeaderChange = renewal !== undefined || this.confirmedAt !== undefined || hasLifetimeChange
    if (base !== undefined) return hasHeaderChange || this.#hasFieldChange(base)
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

  #hasFieldChange(base: Live): boolean {
    for (const [name, bytes] of this.#head.changes) if (!isSameBytes(bytes, base.fields.get(name))) return true
    return false
  }

  /**
   * Applies intents in their order, all or none.
   *
   * @throws ConflictError `ERR_CONFLICT`, ValueError, and whatever a function of `update` throws.
   */
  apply(intents: readonly Intent[], terms: ApplyTerms = LENIENT): void {
    const before: Head = { ...this.#head }
    this.#undo = []
    try {
      for (const intent of intents) this.#apply(intent, terms)
      this.#checkSize(before.size)
    } catch (error) {
      this.#head = before
      for (const [changes, name, had, bytes] of this.#undo.reverse()) {
        if (had) changes.set(name, bytes)
        else changes.delete(name)
      }
      throw error
    }
  }

  /** A session that a lowered limit made too large may still shrink. */
  #checkSize(before: number | undefined): void {
    const { size } = this.#head
    const { sizeLimit, sizedBy } = this.#rules
    if (size === undefined || size <= sizeLimit || size <= (before ?? sizeOf(this.base?.fields ?? NO_FIELDS))) return
    throw tooLarge(this.fields(), sizeLimit, sizedBy)
  }

  #apply(intent: Intent, terms: ApplyTerms): void {
    switch (intent.type) {
      case 'set':
        return this.#assign(intent.name, intent.bytes, intent.seen)
      case 'delete':
        return this.#assign(intent.name, undefined, intent.seen)
      case 'update':
        return this.#change(intent.name, this.#encode(intent.name, intent.change(this.#decode(intent.name) as never)))
      case 'increment':
        return this.#increment(intent)
      case 'take':
        return this.#take(intent, terms)
      default:
        return this.#applyHeader(intent)
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

  #assign(name: string, bytes: Uint8Array | undefined, seen: Seen): void {
    const current = this.read(name)
    const isOvertaken = seen !== 'unseen' && !isSameBytes(current, seen) && !isSameBytes(current, bytes)
    this.#change(name, isOvertaken ? this.#resolve(name, bytes, current) : bytes)
  }

  #resolve(name: string, ours: Uint8Array | undefined, theirs: Uint8Array | undefined): Uint8Array | undefined {
    const { onConflict } = this.#rules
    if (onConflict === 'throw') {
      throw new ConflictError(
        'ERR_CONFLICT',
        `The field \`${name}\` was changed by another request while this one changed it too, and \`onConflict\` is ` +
          "'throw'. Nothing of this request was saved. Read the session again and decide anew.",
      )
    }
    if (onConflict === 'last') {
      this.#tell({ name, resolution: 'last' })
      return ours
    }
    const decode = (bytes: Uint8Array | undefined): unknown =>
      decodeField(this.#rules.codec, name, bytes, this.base?.record.id)
    const resolved = onConflict(decode(ours), decode(theirs), name)
    this.#tell({ name, resolution: 'resolved' })
    return this.#encode(name, resolved)
  }

  #increment({ name, by }: FieldIntent & { type: 'increment' }): void {
    const current = this.#decode(name) ?? 0
    if (typeof current !== 'number') {
      throw new ValueError(
        'ERR_VALUE',
        `The field \`${name}\` cannot be incremented, since it holds no number. Use \`update\` for other values.`,
      )
    }
    this.#change(name, this.#encode(name, current + by))
  }

  #take({ name, taken }: FieldIntent & { type: 'take' }, { isTakeExclusive }: ApplyTerms): void {
    const current = this.read(name)
    if (isSameBytes(current, taken)) return this.#change(name, undefined)
    const { rest, hadAll } = withoutTaken(this.#rules.codec, name, current, taken)
    if (!hadAll && isTakeExclusive) {
      throw new ConflictError(
        'ERR_CONFLICT',
        `What \`take('${name}')\` returned was taken or replaced by another request. Nothing of this commit was saved. ` +
          'If it was a one-time secret, refuse it.',
      )
    }
    if (!hadAll) this.#tell({ name, resolution: 'kept' })
    this.#change(name, rest)
  }

  #change(name: string, bytes: Uint8Array | undefined): void {
    const { size = sizeOf(this.base?.fields ?? NO_FIELDS) } = this.#head
    if (this.#head.changes === NO_CHANGES) this.#head.changes = new Map()
    const { changes } = this.#head
    this.#undo.push([changes, name, changes.has(name), changes.get(name)])
    this.#head.size = size - fieldSize(name, this.read(name)) + fieldSize(name, bytes)
    changes.set(name, bytes)
  }

  #tell(conflict: FieldConflict): void {
    this.#head.conflicts = [...this.#head.conflicts, conflict]
  }

  #decode(name: string): unknown {
    return decodeField(this.#rules.codec, name, this.read(name), this.base?.record.id)
  }

  #encode(name: string, value: unknown): Uint8Array | undefined {
    return value === undefined ? undefined : encodeField(this.#rules.codec, name, value)
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
