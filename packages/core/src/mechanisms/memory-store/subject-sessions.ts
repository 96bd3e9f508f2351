import type { SubjectListing, SubjectPage } from '../../contracts/store.ts'
import { found, type RecordEntry } from './entry.ts'

/** Finds the records of a subject. Holds every signed-in record of the store, live or not. */
export class SubjectSessions {
  readonly #subjects = new Map<string, Set<RecordEntry>>()

  add(entry: RecordEntry): void {
    const { subject } = entry.record
    if (subject === undefined) return
    const entries = this.#subjects.get(subject)
    if (entries === undefined) this.#subjects.set(subject, new Set([entry]))
    else entries.add(entry)
  }

  remove(entry: RecordEntry): void {
    const { subject } = entry.record
    if (subject === undefined) return
    const entries = this.#subjects.get(subject)
    entries?.delete(entry)
    if (entries?.size === 0) this.#subjects.delete(subject)
  }

  /** Answers a page of the entries that `isLive`, the oldest first. */
  list(subject: string, page: SubjectPage, isLive: (entry: RecordEntry) => boolean): SubjectListing {
    const { limit, after = '' } = page
    const rest = [...(this.#subjects.get(subject) ?? [])]
      .filter((entry) => isLive(entry))
      .map((entry) => ({ entry, cursor: cursorOf(entry) }))
      .filter(({ cursor }) => cursor > after)
      .sort((a, b) => (a.cursor < b.cursor ? -1 : 1))
    const shown = rest.slice(0, limit)
    const next = rest.length > shown.length ? shown.at(-1)?.cursor : undefined
    return { sessions: shown.map(({ entry }) => found(entry)), next }
  }
}

/** Age and public name: unlike the key, the name survives a renewal between two pages, and gives nothing away. */
function cursorOf({ record }: RecordEntry): string {
  return `${String(record.createdAt).padStart(16, '0')}.${record.id}`
}
