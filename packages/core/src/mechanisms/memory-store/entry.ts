import {
  RETENTION,
  type Alias,
  type OfferedRecord,
  type SessionRecord,
  type Tombstone,
} from '../../contracts/record.ts'
import type { Found } from '../../contracts/store.ts'
import type { Linked } from '../recency-list.ts'
import type { Removable } from './removal-queue.ts'

/**
 * What an entry is reckoned to take besides its body, in bytes: header, map slot, list links, removal ticket, share of
 * the subject index. Measured on Node 24: 820 for an anonymous record, 1150 for one that is alone with its subject.
 */
export const ENTRY_BYTES = 1024

/** What lies under one key. */
export type Entry = RecordEntry | TombstoneEntry | AliasEntry

interface EntryBase extends Removable, Linked<Entry> {
  readonly key: string
}

/** A record. Its body is the store's own copy and never leaves it. */
export interface RecordEntry extends EntryBase {
  readonly kind: 'record'
  record: SessionRecord
  idleUntil: number
}

/** What an ended session left. */
export interface TombstoneEntry extends EntryBase {
  readonly kind: 'tombstone'
  readonly tombstone: Tombstone
  /** Whether the end that left it found a live session; its retry must answer the same. */
  readonly hasEnded: boolean
}

/** What a renewed session left. */
export interface AliasEntry extends EntryBase {
  readonly kind: 'alias'
  readonly alias: Alias
}

/** Makes the entry of a new record with the idle deadline it offers. */
export function recordEntry(offered: OfferedRecord): RecordEntry {
  const entry: RecordEntry = {
    kind: 'record',
    ...unplaced(offered.key),
    record: copyIn(offered),
    idleUntil: Math.min(offered.idleUntil, offered.absoluteAt),
  }
  entry.removeAt = overAt(entry) + RETENTION
  return entry
}

/** Makes the entry of a tombstone laid now. */
export function tombstoneEntry(key: string, tombstone: Tombstone, hasEnded: boolean, now: number): TombstoneEntry {
  return {
    kind: 'tombstone',
    ...unplaced(key),
    removeAt: now + RETENTION,
    tombstone: Object.freeze({ ...tombstone }),
    hasEnded,
  }
}

/** Makes the entry of an alias laid now. It stays a while past its grace, so that late comers are told. */
export function aliasEntry(key: string, alias: Alias, now: number): AliasEntry {
  return {
    kind: 'alias',
    ...unplaced(key),
    removeAt: Math.max(now, alias.graceUntil) + RETENTION,
    alias: copyAlias(alias),
  }
}

/** Copies an alias, for keeping and for an answer. */
export function copyAlias(alias: Alias): Alias {
  const { sealedToken } = alias
  return Object.freeze(
    sealedToken === undefined ? { ...alias } : { ...alias, sealedToken: new Uint8Array(sealedToken) },
  )
}

/** Tells when a record is over: the nearer of its two limits. */
export function overAt(entry: RecordEntry): number {
  return Math.min(entry.idleUntil, entry.record.absoluteAt)
}

/** Tells the idle deadline of an entry, and the length that it was reckoned with. */
export function deadlineOf({ record, idleUntil }: RecordEntry): { idleTimeout: number; idleUntil: number } {
  return { idleTimeout: record.idleTimeout, idleUntil }
}

/**
 * Copies a record for keeping, without what is only offered, so that its giver may do what it likes with its own.
 *
 * @param former a body of the store's own that is no longer needed: to write over it takes a fraction of a new one
 */
export function copyIn(offered: OfferedRecord, former?: Uint8Array): SessionRecord {
  const { body, commits } = offered
  if (former?.length !== body.length) return copy(offered, commits.slice(), copyBytes(body))
  former.set(body)
  return copy(offered, commits.slice(), former)
}

/** Copies a record for an answer. Nothing that could be changed is shared with the store or with another answer. */
function copyOut(record: SessionRecord): SessionRecord {
  return Object.freeze(copy(record, Object.freeze(record.commits.slice()), copyBytes(record.body)))
}

/** The constructor copies; `slice` of a Buffer would not. */
function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** Member by member, since to spread an object takes longer than all the rest of a write. */
function copy(record: SessionRecord, commits: readonly string[], body: Uint8Array): SessionRecord {
  return {
    format: record.format,
    key: record.key,
    id: record.id,
    revision: record.revision,
    commits,
    createdAt: record.createdAt,
    absoluteAt: record.absoluteAt,
    idleTimeout: record.idleTimeout,
    persistent: record.persistent,
    subject: record.subject,
    authenticatedAt: record.authenticatedAt,
    body,
  }
}

/** Answers a record with its deadline. */
export function found(entry: RecordEntry): Found {
  return { key: entry.key, record: copyOut(entry.record), idleUntil: entry.idleUntil }
}

/** Tells what an entry counts towards `maxBytes`. */
export function bytesOf(entry: Entry): number {
  return ENTRY_BYTES + (entry.kind === 'record' ? entry.record.body.byteLength : 0)
}

function unplaced(key: string): EntryBase {
  return { key, removeAt: 0, queuedAt: Number.NaN, previous: undefined, next: undefined }
}
