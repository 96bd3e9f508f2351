import { Buffer } from 'node:buffer'

import type {
  ChangeFeed,
  Clocked,
  Countable,
  Generational,
  Pingable,
  SessionStore,
  StoreCall,
  SubjectIndex,
  Sweepable,
  Trimmable,
} from '../../contracts/store.ts'
import { RETENTION, type Tombstone } from '../../contracts/record.ts'
import { absent, conflict, ended, isApplied, isOver, refusal } from './answers.ts'
import { ChangeBroadcast } from './change-broadcast.ts'
import { EntryTable } from './entry-table.ts'
import { keptIdleDeadline } from '../lifetime.ts'
import { aliasEntry, deadlineOf, ENTRY_BYTES, found, recordEntry, tombstoneEntry } from './entry.ts'
import { resolveMemoryStoreOptions, type MemoryStoreOptions } from './memory-store-options.ts'

export type { MemoryStoreOptions } from './memory-store-options.ts'

/** How many due entries one write removes at most, so that it never holds up the process: about a millisecond's worth. */
const REMOVED_PER_WRITE = 1_000

/** A store in the memory of this process, with every optional power that needs no connection. */
export type MemoryStore = SessionStore &
  SubjectIndex &
  ChangeFeed &
  Trimmable &
  Generational &
  Countable &
  Sweepable &
  Pingable &
  Clocked

/**
 * Makes a store that keeps its records in the memory of this process: for development, for tests, and for a single
 * process whose sessions may end with it. It is also the reference implementation of the contract.
 *
 * - Every verb takes effect at once and as a whole; what goes in and what comes out is copied.
 * - There are no timers: each write removes what is due, and `sweep` does nothing else.
 * - When it is full it evicts, in this order: records past their end, tombstones and aliases, the least recently used
 *   anonymous records, the least recently used signed-in ones. The end of a live one is told to the feed with the
 *   reason `'evicted'`.
 *
 * @throws `OptionsError` (`ERR_OPTIONS`) with all problems at once.
 *
 * @example
 * ```ts
 * import { createSessions, memoryStore } from '@holdfast/core'
 *
 * const sessions = createSessions({ store: memoryStore({ maxRecords: 10_000 }) })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxRecords, maxBytes, clock } = resolveMemoryStoreOptions(options)
  const broadcast = new ChangeBroadcast()
  const table = new EntryTable({
    maxRecords,
    maxBytes,
    onEvicted: ({ key, record }) => broadcast.tell({ type: 'ended', key, reason: 'evicted', id: record.id }),
  })

  let generation = 0

  function beginWrite({ signal }: StoreCall): number {
    signal.throwIfAborted()
    const now = clock.now()
    table.removeDue(now, REMOVED_PER_WRITE)
    return now
  }

  function requireFit(body: Uint8Array): void {
    if (body.byteLength + ENTRY_BYTES <= maxBytes) return
    throw new RangeError(`A record of ${body.byteLength} bytes was not stored. It can never fit into the \`maxBytes\` \
(${maxBytes}) of this memory store. Raise it, or keep less in the session.`)
  }

  /** Answers the key and, if it leads on, all that follow. */
  function chainFrom(key: string, now: number): string[] {
    const chain = new Set([key])
    let entry = table.get(key, now)
    while (entry?.kind === 'alias' && !chain.has(entry.alias.successor)) {
      chain.add(entry.alias.successor)
      entry = table.get(entry.alias.successor, now)
    }
    return [...chain]
  }

  /** Lays a tombstone under the key. Answers whether a session lived there, as far as this commit is concerned. */
  function lay(key: string, tombstone: Tombstone, hasEnded: boolean, now: number): boolean {
    const entry = table.get(key, now)
    if (entry?.kind === 'tombstone') return entry.hasEnded && entry.tombstone.commitId === tombstone.commitId
    const isLive = entry?.kind === 'record' && !isOver(entry, now)
    const remains = tombstoneEntry(key, tombstone, hasEnded || isLive, now)
    table.put(remains)
    table.makeRoom(now, remains)
    const id = entry?.kind === 'record' ? entry.record.id : tombstone.id
    broadcast.tell({ type: 'ended', key, reason: tombstone.reason, id })
    return remains.hasEnded
  }

  return {
    name: 'memory',
    capabilities: Object.freeze({ isShared: false, isDurable: false }),
    clock,

    async load(key, { signal }) {
      signal.throwIfAborted()
      const entry = table.get(key, clock.now())
      if (entry?.kind !== 'record') return refusal(key, entry)
      table.use(entry)
      return { outcome: 'found', ...found(entry) }
    },

    async create(record, call) {
      const now = beginWrite(call)
      const { key } = record
      const standing = table.get(key, now)
      if (standing?.kind === 'tombstone') return ended(standing)
      if (standing?.kind === 'record' && isApplied(standing, call.commitId)) return { outcome: 'created', key }
      if (standing !== undefined) return { outcome: 'exists', key }
      requireFit(record.body)
      const entry = recordEntry(record)
      table.put(entry)
      table.makeRoom(now, entry)
      broadcast.tell({ type: 'changed', key, revision: record.revision })
      return { outcome: 'created', key }
    },

    async update(record, expected, call) {
      const now = beginWrite(call)
      const { key } = record
      const entry = table.get(key, now)
      if (entry?.kind !== 'record') return refusal(key, entry)
      const isExpected = entry.record.revision === expected
      // A record that is still what the call expects cannot have been changed by it.
      if (!isExpected && isApplied(entry, call.commitId)) return { outcome: 'updated', key }
      if (isOver(entry, now)) return absent(key)
      if (!isExpected) return conflict(entry)
      requireFit(record.body)
      table.rewrite(entry, record)
      table.makeRoom(now, entry)
      broadcast.tell({ type: 'changed', key, revision: record.revision })
      return { outcome: 'updated', key }
    },

    async touch(touches, call) {
      const now = beginWrite(call)
      for (const { key, idleUntil, idleTimeout } of touches) {
        const entry = table.get(key, now)
        if (entry?.kind !== 'record' || isOver(entry, now)) continue
        if (idleTimeout !== undefined && idleTimeout !== entry.record.idleTimeout) continue
        table.prolong(entry, idleUntil)
        table.use(entry)
      }
    },

    async renew({ key, expected, record, alias }, call) {
      const now = beginWrite(call)
      const entry = table.get(key, now)
      if (entry?.kind === 'alias' && entry.alias.commitId === call.commitId) return { outcome: 'renewed', key }
      if (entry?.kind !== 'record') return refusal(key, entry)
      if (isOver(entry, now)) return absent(key)
      if (entry.record.revision !== expected) return conflict(entry)
      if (table.get(record.key, now) !== undefined) return { outcome: 'exists', key }
      requireFit(record.body)
      const successor = recordEntry({ ...record, idleUntil: keptIdleDeadline(deadlineOf(entry), record) })
      table.put(successor)
      const remains = aliasEntry(key, alias, now)
      table.put(remains)
      table.makeRoom(now, successor, remains)
      broadcast.tell({ type: 'renewed', key, successor: record.key })
      return { outcome: 'renewed', key }
    },

    async end(key, tombstone, call) {
      const now = beginWrite(call)
      let hasEnded = false
      // From the far end: an old key is closed only once nothing lives under a newer one.
      for (const each of chainFrom(key, now).toReversed()) hasEnded = lay(each, tombstone, hasEnded, now)
      return hasEnded ? { outcome: 'ended', key } : absent(key)
    },

    async listSubject(subject, page, { signal }) {
      signal.throwIfAborted()
      const now = clock.now()
      return table.subjects.list(subject, page, (entry) => !isOver(entry, now))
    },

    async countLive(beginning, _after, { signal }) {
      signal.throwIfAborted()
      const now = clock.now()
      let count = 0
      for (const entry of table.records()) if (!isOver(entry, now) && beginsWith(entry.record.body, beginning)) count++
      return { count, next: undefined }
    },

    feeds: 'all',
    subscribe: (listener) => broadcast.subscribe(listener),
    isFeedHealthy: () => true,

    async trim(trims, call) {
      const now = beginWrite(call)
      for (const { key, until } of trims) {
        const entry = table.get(key, now)
        if (entry?.kind === 'alias') table.shorten(entry, Math.max(now, until) + RETENTION)
      }
    },

    async generation({ signal }) {
      signal.throwIfAborted()
      return generation
    },

    async raiseGeneration(to, { signal }) {
      signal.throwIfAborted()
      generation = Math.max(generation, to)
      return generation
    },

    async sweep({ signal }) {
      signal.throwIfAborted()
      return table.removeDue(clock.now())
    },

    async ping({ signal }) {
      signal.throwIfAborted()
    },
  }
}

function beginsWith(body: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(body.subarray(0, beginning.length), beginning) === 0
}
