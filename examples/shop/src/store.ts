import { type AnyStore, memoryStore } from '@holdfast/express'

/** Chooses where sessions live. This is the one line to change for Redis or Postgres; nothing else would notice. */
export function createStore(): AnyStore {
  return memoryStore()
}
