import { RETENTION, type OfferedRecord } from '../../contracts/record.ts'
import { keptIdleDeadline } from '../lifetime.ts'
import { bytesOf, copyIn, deadlineOf, overAt, type AliasEntry, type Entry, type RecordEntry } from './entry.ts'
import { RecencyList } from '../recency-list.ts'
import { RemovalQueue } from './removal-queue.ts'
import { SubjectSessions } from './subject-sessions.ts'

/** How much a table may hold, and whom it tells of a live record that it had to drop. */
export interface EntryTableOptions {
  readonly maxRecords: number
  readonly maxBytes: number
  readonly onEvicted: (entry: RecordEntry) => void
}

/** Holds all entries within bounds, in every order that the store asks for. */
export class EntryTable {
  readonly subjects: SubjectSessions = new SubjectSessions()
  readonly #options: EntryTableOptions
  readonly #entries = new Map<string, Entry>()
  readonly #records = new RemovalQueue<RecordEntry>()
  readonly #remains = new RemovalQueue<Exclude<Entry, RecordEntry>>()
  readonly #remainsByAge = new RecencyList<Entry>()
  readonly #anonymous = new RecencyList<Entry>()
  readonly #signedIn = new RecencyList<Entry>()
  #bytes = 0

  constructor(options: EntryTableOptions) {
    this.#options = options
  }

  /** Answers what lies under the key, unless it is due for removal. */
  get(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined || entry.removeAt <= now ? undefined : entry
  }

  /** Answers all records, those past their end too. */
  *records(): Generator<RecordEntry> {
    for (const entry of this.#entries.values()) if (entry.kind === 'record') yield entry
  }

  /** Puts an entry under its key, in place of whatever lies there. */
  put(entry: Entry): void {
    const previous = this.#entries.get(entry.key)
    if (previous !== undefined) this.#remove(previous)
    this.#entries.set(entry.key, entry)
    this.#bytes += bytesOf(entry)
    if (entry.kind === 'record') {
      this.#records.add(entry)
      this.subjects.add(entry)
    } else {
      this.#remains.add(entry)
    }
    this.#orderOf(entry).add(entry)
  }

  /** Replaces the record of an entry. Where it stays its subject's, it stays where that is looked up. */
  rewrite(entry: RecordEntry, offered: OfferedRecord): void {
    const isSameSubject = entry.record.subject === offered.subject
    this.#bytes -= bytesOf(entry)
    if (!isSameSubject) this.#takeOut(entry)
    entry.idleUntil = keptIdleDeadline(deadlineOf(entry), offered)
    entry.record = copyIn(offered, entry.record.body)
    this.#schedule(entry)
    if (isSameSubject) this.use(entry)
    else this.#placeIn(entry)
    this.#bytes += bytesOf(entry)
  }

  #takeOut(entry: RecordEntry): void {
    this.subjects.remove(entry)
    this.#orderOf(entry).remove(entry)
  }

  #placeIn(entry: RecordEntry): void {
    this.#orderOf(entry).add(entry)
    this.subjects.add(entry)
  }

  /** Moves the idle deadline of an entry later, never past the absolute end. */
  prolong(entry: RecordEntry, idleUntil: number): void {
    if (!(idleUntil > entry.idleUntil)) return
    entry.idleUntil = Math.min(idleUntil, entry.record.absoluteAt)
    this.#schedule(entry)
  }

  /** Lets an alias go sooner than it would, never later. */
  shorten(entry: AliasEntry, removeAt: number): void {
    entry.removeAt = Math.min(entry.removeAt, removeAt)
    this.#remains.correct(entry)
  }

  /** Takes note that a record was used. */
  use(entry: RecordEntry): void {
    this.#orderOf(entry).use(entry)
  }

  /** Removes what is due, up to a number. Answers how many entries that were. */
  removeDue(now: number, atMost: number = Number.POSITIVE_INFINITY): number {
    let removed = 0
    while (removed < atMost) {
      const entry = this.#records.firstDue(now) ?? this.#remains.firstDue(now)
      if (entry === undefined) break
      this.#remove(entry)
      removed += 1
    }
    return removed
  }

  /**
   * Evicts until the bounds hold: records past their end, then tombstones and aliases, then the least recently used
   * anonymous records, then signed-in ones; never what was just written.
   */
  makeRoom(now: number, ...written: readonly Entry[]): void {
    const { maxRecords, maxBytes, onEvicted } = this.#options
    while (this.#entries.size > maxRecords || this.#bytes > maxBytes) {
      const entry = this.#dispensable(now, written)
      if (entry === undefined) return
      this.#remove(entry)
      if (entry.kind === 'record' && overAt(entry) > now) onEvicted(entry)
    }
  }

  #dispensable(now: number, written: readonly Entry[]): Entry | undefined {
    return (
      this.#records.firstDue(now + RETENTION) ??
      this.#remainsByAge.oldestBut(written) ??
      this.#anonymous.oldestBut(written) ??
      this.#signedIn.oldestBut(written)
    )
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key)
    this.#bytes -= bytesOf(entry)
    this.#orderOf(entry).remove(entry)
    if (entry.kind === 'record') {
      this.#records.remove(entry)
      this.subjects.remove(entry)
    } else {
      this.#remains.remove(entry)
    }
  }

  #schedule(entry: RecordEntry): void {
    entry.removeAt = overAt(entry) + RETENTION
    this.#records.correct(entry)
  }

  #orderOf(entry: Entry): RecencyList<Entry> {
    if (entry.kind !== 'record') return this.#remainsByAge
    return entry.record.subject === undefined ? this.#anonymous : this.#signedIn
  }
}
