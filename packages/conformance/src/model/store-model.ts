import type {
  Alias,
  CreateResult,
  EndResult,
  Found,
  LoadResult,
  OfferedRecord,
  Renewal,
  RenewResult,
  Tombstone,
  Touch,
  Trim,
  UpdateResult,
} from '@holdfast/core'
import { commitOf, RETENTION } from '../store/sample.ts'

/** What the model believes to lie under a key, and when that will be gone. */
type Slot = { readonly goneAt: number } & (
  | { readonly kind: 'record'; readonly record: OfferedRecord }
  | { readonly kind: 'tombstone'; readonly tombstone: Tombstone; readonly hasEnded: boolean }
  | { readonly kind: 'alias'; readonly alias: Alias }
)

/** The contract of a store in its plainest form: no bounds, no speed, nothing ever tidied up. */
export class StoreModel {
  now: number
  readonly #slots = new Map<string, Slot>()

  constructor(now: number) {
    this.now = now
  }

  load(key: string): LoadResult {
    const slot = this.#slot(key)
    if (slot?.kind !== 'record') return this.#refusal(key)
    return { outcome: 'found', ...found(slot.record) }
  }

  create(record: OfferedRecord): CreateResult {
    const { key } = record
    const slot = this.#slot(key)
    if (slot === undefined) {
      this.#keep(record)
      return { outcome: 'created', key }
    }
    if (slot.kind === 'tombstone') return { outcome: 'ended', key, tombstone: slot.tombstone }
    const isRetry = slot.kind === 'record' && slot.record.commits.includes(commitOf(record))
    return { outcome: isRetry ? 'created' : 'exists', key }
  }

  update(record: OfferedRecord, expected: number): UpdateResult {
    const { key } = record
    const slot = this.#slot(key)
    if (slot?.kind !== 'record') return this.#refusal(key)
    if (slot.record.commits.includes(commitOf(record))) return { outcome: 'updated', key }
    if (this.#isOver(slot.record)) return { outcome: 'absent', key }
    if (slot.record.revision !== expected) return { outcome: 'conflict', ...found(slot.record) }
    this.#keep(merged(slot.record, record))
    return { outcome: 'updated', key }
  }

  touch(touches: readonly Touch[]): void {
    for (const { key, idleUntil, idleTimeout } of touches) {
      const slot = this.#slot(key)
      if (slot?.kind !== 'record' || this.#isOver(slot.record)) continue
      if (idleTimeout !== undefined && idleTimeout !== slot.record.idleTimeout) continue
      this.#keep({ ...slot.record, idleUntil: Math.max(slot.record.idleUntil, idleUntil) })
    }
  }

  trim(trims: readonly Trim[]): void {
    for (const { key, until } of trims) {
      const slot = this.#slot(key)
      if (slot?.kind === 'alias')
        this.#slots.set(key, { ...slot, goneAt: Math.min(slot.goneAt, Math.max(this.now, until) + RETENTION) })
    }
  }

  renew({ key, expected, record, alias }: Renewal): RenewResult {
    const slot = this.#slot(key)
    if (slot?.kind === 'alias' && slot.alias.commitId === alias.commitId) return { outcome: 'renewed', key }
    if (slot?.kind !== 'record') return this.#refusal(key)
    if (this.#isOver(slot.record)) return { outcome: 'absent', key }
    if (slot.record.revision !== expected) return { outcome: 'conflict', ...found(slot.record) }
    if (this.#slot(record.key) !== undefined) return { outcome: 'exists', key }
    this.#keep(merged(slot.record, record))
    this.#slots.set(key, { kind: 'alias', alias, goneAt: Math.max(this.now, alias.graceUntil) + RETENTION })
    return { outcome: 'renewed', key }
  }

  end(key: string, tombstone: Tombstone): EndResult {
    return { outcome: this.#hasEnded(key, tombstone) ? 'ended' : 'absent', key }
  }

  /** The live records of a subject, the oldest first. */
  listSubject(subject: string): Found[] {
    return this.live()
      .filter(({ record }) => record.subject === subject)
      .toSorted((a, b) => a.record.createdAt - b.record.createdAt || (a.record.id < b.record.id ? -1 : 1))
  }

  /** All live records. */
  live(): Found[] {
    return [...this.#slots.keys()].flatMap((key) => {
      const slot = this.#slot(key)
      return slot?.kind === 'record' && !this.#isOver(slot.record) ? [found(slot.record)] : []
    })
  }

  #hasEnded(key: string, tombstone: Tombstone): boolean {
    const slot = this.#slot(key)
    if (slot?.kind === 'tombstone') return slot.hasEnded && slot.tombstone.commitId === tombstone.commitId
    const hasEnded =
      slot?.kind === 'alias'
        ? this.#hasEnded(slot.alias.successor, tombstone)
        : slot !== undefined && !this.#isOver(slot.record)
    this.#slots.set(key, { kind: 'tombstone', tombstone, hasEnded, goneAt: this.now + RETENTION })
    return hasEnded
  }

  #slot(key: string): Slot | undefined {
    const slot = this.#slots.get(key)
    return slot !== undefined && this.now < slot.goneAt ? slot : undefined
  }

  #keep(offered: OfferedRecord): void {
    const record = { ...offered, idleUntil: Math.min(offered.idleUntil, offered.absoluteAt) }
    this.#slots.set(record.key, { kind: 'record', record, goneAt: record.idleUntil + RETENTION })
  }

  #isOver({ idleUntil }: OfferedRecord): boolean {
    return this.now >= idleUntil
  }

  #refusal(key: string): Exclude<LoadResult, { outcome: 'found' }> {
    const slot = this.#slot(key)
    if (slot?.kind === 'tombstone') return { outcome: 'ended', key, tombstone: slot.tombstone }
    if (slot?.kind === 'alias') return { outcome: 'moved', key, alias: slot.alias }
    return { outcome: 'absent', key }
  }
}

function found({ idleUntil, ...record }: OfferedRecord): Found {
  return { key: record.key, record, idleUntil }
}

function merged(kept: OfferedRecord, offered: OfferedRecord): OfferedRecord {
  const isSameLength = kept.idleTimeout === offered.idleTimeout
  return { ...offered, idleUntil: isSameLength ? Math.max(kept.idleUntil, offered.idleUntil) : offered.idleUntil }
}
