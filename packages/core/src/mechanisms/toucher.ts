/** Moves idle deadlines: collected for a tick, sent in one batch, waited for by nobody but `close()`. */
import { LRUCache } from 'lru-cache'

import type { Touch } from '../contracts/store.ts'
import type { GuardedStore } from './guard.ts'
import { idleDeadline, isTouchDue, touchInterval } from './lifetime.ts'
import type { Live } from './live.ts'
import type { RecordCache } from './record-cache.ts'
import { touchOf } from './suspension.ts'
import { createUnderWay } from './under-way.ts'
import type { OpenAnswer } from './verdicts.ts'
import type { Warn } from './warner.ts'

export interface Toucher {
  /** Notes that a session is in use. Sends a touch if one is due and none has just been sent. */
  use(live: Live, now: number): void
  /** Moves the idle deadline of a session now, unless it has passed. Answers the session as it then lies in the store. @throws StoreError */
  keep(live: Live, now: number): Promise<Live>
  /** Resolves when every touch has been sent and answered. */
  drain(): Promise<void>
}

/** How many sessions' last touches are remembered, so that overlapping requests send one. */
const REMEMBERED = 10_000
const BATCH_SIZE = 1000

export interface ToucherParts {
  readonly store: GuardedStore
  readonly cache: RecordCache<OpenAnswer>
  readonly warn: Warn
}

export function createToucher({ store, cache, warn }: ToucherParts): Toucher {
  const usedAt = new LRUCache<string, number>({ max: REMEMBERED })
  const underWay = createUnderWay()
  let waiting = new Map<string, Touch>()

  const send = async (batch: readonly Touch[]): Promise<void> => {
    try {
      await store.touch(batch)
      // No feed tells of touches, and the answer does not say what came of them.
      for (const { key } of batch) cache.forget(key)
    } catch (error) {
      for (const { key } of batch) usedAt.delete(key)
      warn(
        'WARN_TOUCH_FAILED',
        `Idle deadlines could not be moved, so sessions in use may end early. The next use tries again. ${(error as Error).message}`,
      )
    }
  }

  const flush = (): void => {
    const touches = [...waiting.values()]
    waiting = new Map()
    for (let start = 0; start < touches.length; start += BATCH_SIZE) {
      void underWay.add(send(touches.slice(start, start + BATCH_SIZE)))
    }
  }

  return {
    use: ({ record, idleUntil }, now) => {
      if (!isTouchDue(record, idleUntil, now)) return
      const { key } = record
      const last = usedAt.get(key)
      if (last !== undefined && now - last < touchInterval(record)) return
      usedAt.set(key, now)
      if (waiting.size === 0) setImmediate(flush)
      waiting.set(key, touchOf(record, idleDeadline(record, now)))
    },
    keep: async (live, now) => {
      if (now >= live.idleUntil) return live
      const { key } = live.record
      const idleUntil = Math.max(live.idleUntil, idleDeadline(live.record, now))
      await underWay.add(store.touch([touchOf(live.record, idleUntil)]))
      usedAt.set(key, now)
      cache.forget(key)
      return { ...live, idleUntil }
    },
    drain: async () => {
      flush()
      await underWay.drain()
    },
  }
}
