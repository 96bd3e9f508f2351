import { memoryStore } from '@holdfast/core'
import { expect, it } from 'vitest'

import { manualClock } from '../manual-clock.ts'
import { diceOf } from './dice.ts'
import { type IndexedStore, liveLong } from './subject-life.ts'

const STEPS = 100_000
const RETENTION = 60_000
const { signal } = new AbortController()

function indexedMemory(): IndexedStore {
  const clock = manualClock()
  const store = memoryStore({ clock, maxRecords: 1_000_000 })
  return {
    store,
    longestIdle: 120_000,
    now: clock.now,
    blur: 0,
    pass: async () => clock.advance(16_000),
    together: (send) => send(),
    keeps: RETENTION,
    tidy: async () => void (await store.sweep({ signal })),
    // Long ago, nothing had run out.
    indexed: async () => {
      const now = clock.now()
      clock.advance(-now)
      const pages = Array.from({ length: 20 }, (_, index) =>
        store.listSubject(`subject ${index}`, { limit: 1e6 }, { signal }),
      )
      clock.advance(now)
      return (await Promise.all(pages)).reduce((sum, { sessions }) => sum + sessions.length, 0)
    },
  }
}

it(`the index of the memory store holds what lives, and what ran out in the last minute: ${STEPS} steps`, async () => {
  const seed = Date.now() % 2 ** 31
  const { counts } = await liveLong(indexedMemory(), STEPS, diceOf(seed))
  expect(Math.min(...Object.values(counts)), `seed ${seed}`).toBeGreaterThan(STEPS / 50)
})
