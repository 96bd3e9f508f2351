/** The fields of a draft: those of the session that it goes on from, and what its intents have made of them. */
import { ConflictError, ValueError } from '../contracts/errors.ts'
import { type Fields, NO_FIELDS, isSameBytes } from './body.ts'
import type { ApplyTerms, DraftRules } from './draft-rules.ts'
import { decodeField, encodeField, fieldSize, sizeOf, tooLarge } from './fields.ts'
import type { FieldIntent, Seen } from './intents.ts'
import type { Live } from './live.ts'
import type { FieldChanges } from './packed-fields.ts'
import { withoutTaken } from './taken.ts'

/** A field that two requests changed at once, and how that was decided. */
export interface FieldConflict {
  readonly name: string
  readonly resolution: 'last' | 'resolved' | 'kept'
}

/** New values by field; `undefined`: removed. */
type Changes = Map<string, Uint8Array | undefined>

/** What a change replaced. */
type Undo = readonly [name: string, had: boolean, bytes: Uint8Array | undefined]

/** How the fields were before intents were applied that all apply, or none. */
interface Mark {
  readonly size: number | undefined
  readonly conflicts: readonly FieldConflict[]
  readonly undo: Undo[]
}

/** Shared by all drafts that change no field, so that a request which only reads makes no map. Never written to. */
const NO_CHANGES: Changes = new Map()
const NO_CONFLICTS: readonly FieldConflict[] = []
const NO_MARK: Mark = { size: undefined, conflicts: NO_CONFLICTS, undo: [] }

export class DraftFields {
  readonly #rules: DraftRules
  readonly #base: Live | undefined
  #changes: Changes = NO_CHANGES
  /** Bytes of all fields; `undefined` until something changes. */
  #size: number | undefined
  #conflicts = NO_CONFLICTS
  #mark = NO_MARK
  /** Whether a field has another value than before; `undefined`: to be found out. */
  #hasChange: boolean | undefined = false

  constructor(rules: DraftRules, base: Live | undefined) {
    this.#rules = rules
    this.#base = base
  }

  get changes(): FieldChanges {
    return this.#changes
  }

  get conflicts(): readonly FieldConflict[] {
    return this.#conflicts
  }

  /** Bytes of all fields, as they were before anything was changed if nothing has been. */
  get size(): number {
    return this.#size ?? sizeOf(this.#base?.fields ?? NO_FIELDS)
  }

  /** Answers the encoded value of a field. */
  read(name: string): Uint8Array | undefined {
    const changes = this.#changes
    return changes.size > 0 && changes.has(name) ? changes.get(name) : this.#base?.fields.get(name)
  }

  /** Answers all fields as a commit would write them. Unchanged ones keep their very bytes. */
  all(): Fields {
    if (this.#changes.size === 0) return this.#base?.fields ?? NO_FIELDS
    const fields = new Map(this.#base?.fields)
    for (const [name, bytes] of this.#changes) {
      if (bytes === undefined) fields.delete(name)
      else fields.set(name, bytes)
    }
    return fields
  }

  /** Whether a field has another value than in the session that the draft goes on from. */
  get hasChange(): boolean {
    return (this.#hasChange ??= this.#differs())
  }

  #differs(): boolean {
    for (const [name, bytes] of this.#changes) if (!isSameBytes(bytes, this.#base?.fields.get(name))) return true
    return false
  }

  /** Remembers how the fields are, for {@link rollBack}. */
  mark(): void {
    this.#mark = { size: this.#size, conflicts: this.#conflicts, undo: [] }
  }

  rollBack(): void {
    const { size, conflicts, undo } = this.#mark
    this.#size = size
    this.#conflicts = conflicts
    for (const [name, had, bytes] of undo.toReversed()) {
      if (had) this.#changes.set(name, bytes)
      else this.#changes.delete(name)
    }
    this.#mark = NO_MARK
    this.#hasChange = undefined
  }

  /**
   * A session that a lowered limit made too large may still shrink.
   *
   * @param before how many bytes there were
   * @throws ValueError `ERR_TOO_LARGE`
   */
  checkSize(before: () => number): void {
    const { sizeLimit, sizedBy } = this.#rules
    if (this.#size === undefined || this.#size <= sizeLimit || this.#size <= before()) return
    throw tooLarge(this.all(), sizeLimit, sizedBy)
  }

  apply(intent: FieldIntent, terms: ApplyTerms): void {
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
      decodeField(this.#rules.codec, name, bytes, this.#base?.record.id)
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
    const before = this.read(name)
    const isResized = before !== undefined && bytes !== undefined
    const growth = isResized ? bytes.length - before.length : fieldSize(name, bytes) - fieldSize(name, before)
    this.#size = this.size + growth
    if (this.#changes === NO_CHANGES) this.#changes = new Map()
    this.#mark.undo.push([name, this.#changes.has(name), before])
    this.#changes.set(name, bytes)
    this.#hasChange = undefined
  }

  #tell(conflict: FieldConflict): void {
    this.#conflicts = [...this.#conflicts, conflict]
  }

  #decode(name: string): unknown {
    return decodeField(this.#rules.codec, name, this.read(name), this.#base?.record.id)
  }

  #encode(name: string, value: unknown): Uint8Array | undefined {
    return value === undefined ? undefined : encodeField(this.#rules.codec, name, value)
  }
}
