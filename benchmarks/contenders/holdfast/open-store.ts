import { type SessionStore, memoryStore } from '@holdfast/core'

import type { Surroundings } from '../contender.ts'

/** A store, and how to let go of what was opened for it. */
export interface OpenStore {
  readonly store: SessionStore
  close(): Promise<void>
}

/** Opens the store of that kind. */
export async function openStore({ store }: Surroundings): Promise<OpenStore> {
  switch (store) {
    case 'memory':
      // The peers' memory stores have no bounds.
      return { store: memoryStore({ maxRecords: 5_000_000, maxBytes: 2 ** 32 }), close: () => Promise.resolve() }
    default:
      throw new Error(`There is no store "${store}" yet.`)
  }
}
