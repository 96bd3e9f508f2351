import assert from 'node:assert/strict'
import {
  memoryStore,
  type AnyStore,
  type MemoryStore,
  type OfferedRecord,
  type StoreCall,
  type WriteCall,
} from '@holdfast/core'
import { randomCommitId } from '../../store/sample.ts'
import type { StoreHarness } from '../../store/store-case.ts'

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

/** When time begins for a store under test. */
export const START: number = Date.UTC(2030, 0, 1)

/** Makes a store with that fault, on a clock that can be moved. */
export function harnessOf(make: BrokenStore['make']): StoreHarness {
  let time = START
  let shifted = 0
  const sound = memoryStore({ clock: { now: () => time + shifted } })
  const store = make(sound, (ms, act) => {
    shifted = ms
    try {
      return act()
    } finally {
      shifted = 0
    }
  })
  return { store, advance: (ms) => void (time += ms), close() {} }
}

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
