import assert from 'node:assert/strict'
import type { AnyStore, MemoryStore, OfferedRecord, StoreCall, WriteCall } from '@holdfast/core'
import { randomCommitId } from '../../store/sample.ts'

/** A sound store with one fault. */
export interface BrokenStore {
  /** What is wrong with it. */
  readonly fault: string
  /** The rule of the suite that must catch it. */
  readonly breaks: string
  /** Puts the fault into a sound store. */
  make(sound: MemoryStore, time: TimeShift): AnyStore
}

/** Runs the synchronous part of a call while the sound store believes that it is earlier or later. */
export type TimeShift = <Answer>(ms: number, call: () => Answer) => Answer

/** Makes what comes with a call that nobody waits for. */
export function call(): StoreCall {
  return { signal: new AbortController().signal }
}

/** Makes what comes with a write of a commit that nobody knows. */
export function write(): WriteCall {
  return { ...call(), commitId: randomCommitId() }
}

/** Overwrites the record of that revision, and its idle deadline by the offered one, as no verb of a store may. */
export async function overwrite(sound: MemoryStore, record: OfferedRecord, expected: number): Promise<void> {
  const detour = { ...record, idleTimeout: record.idleTimeout + 1 }
  await sound.update(detour, expected, write())
  const { outcome } = await sound.update(record, record.revision, write())
  assert.equal(outcome, 'updated', 'a fault must take effect')
}
