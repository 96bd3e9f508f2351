import { type AnyStore, memoryStore } from '@holdfast/express'

import { acrossHop } from '../hop.ts'

/** So that a busy machine is not taken for a broken store: the peers would wait for ever. */
export const PATIENT = { storeDeadline: '10s', commitDeadline: '30s' } as const

/** Holdfast's memory store behind the same network hop as the peers' stores. */
export function distantStore(): AnyStore {
  const store = memoryStore()
  return {
    name: 'distant',
    capabilities: store.capabilities,
    clock: store.clock,
    load: (key, call) => acrossHop('read', () => store.load(key, call)),
    create: (record, call) => acrossHop('write', () => store.create(record, call)),
    update: (record, expected, call) => acrossHop('write', () => store.update(record, expected, call)),
    touch: (touches, call) => acrossHop('write', () => store.touch(touches, call)),
    renew: (renewal, call) => acrossHop('write', () => store.renew(renewal, call)),
    end: (key, tombstone, call) => acrossHop('write', () => store.end(key, tombstone, call)),
  }
}
