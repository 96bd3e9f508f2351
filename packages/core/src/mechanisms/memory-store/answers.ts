/** What the memory store answers, made from what lies under a key. */
import type { Absent, Conflict, Ended, Moved } from '../../contracts/store.ts'
import { copyAlias, found, overAt, type Entry, type RecordEntry, type TombstoneEntry } from './entry.ts'

/** Says whether a record has passed a deadline; its very instant is past it. */
export function isOver(entry: RecordEntry, now: number): boolean {
  return now >= overAt(entry)
}

/** Says whether the commit is among those that made the record what it is: then its call was answered before. */
export function isApplied({ record }: RecordEntry, commitId: string): boolean {
  return record.commits.includes(commitId)
}

/** Answers what is not a record: nothing, an alias or a tombstone. */
export function refusal(key: string, entry: Exclude<Entry, RecordEntry> | undefined): Moved | Ended | Absent {
  if (entry === undefined) return absent(key)
  return entry.kind === 'alias' ? { outcome: 'moved', key, alias: copyAlias(entry.alias) } : ended(entry)
}

export function ended({ key, tombstone }: TombstoneEntry): Ended {
  return { outcome: 'ended', key, tombstone: copy(tombstone) }
}

export function absent(key: string): Absent {
  return { outcome: 'absent', key }
}

export function conflict(entry: RecordEntry): Conflict {
  return { outcome: 'conflict', ...found(entry) }
}

function copy<Value extends object>(value: Value): Value {
  return Object.freeze({ ...value })
}
