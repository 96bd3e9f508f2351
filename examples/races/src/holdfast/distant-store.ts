import { type AnyStore, memoryStore } from '@holdfast/express'

import { acrossHop } from '../hop.ts'

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
