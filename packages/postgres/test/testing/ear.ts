import { setTimeout as delay } from 'node:timers/promises'
import type { ChangeFeed, FeedStateChange, StoreChange } from '@holdfast/core'

export type Told = StoreChange | FeedStateChange

/** Anything with a feed, which closes it. */
export interface Telling extends Partial<ChangeFeed> {
  close(): unknown
}

/** A listener that remembers what it was told. */
export interface Ear {
  readonly told: Told[]
  states(): string[]
  knows(key: string): boolean
  /** How often it was told of a key. */
  count(key: string): number
  close(): Promise<void>
}

export function ear(feed: Telling): Ear {
  const told: Told[] = []
  const unsubscribe = feed.subscribe?.((change) => told.push(change))
  const count = (key: string): number => told.filter((each) => each.type !== 'state' && each.key === key).length
  return {
    told,
    states: () => told.flatMap((each) => (each.type === 'state' ? [each.state] : [])),
    knows: (key) => count(key) > 0,
    count,
    async close() {
      unsubscribe?.()
      await feed.close()
    },
  }
}

export function isHealthy(feed: Telling): boolean {
  return feed.isFeedHealthy?.() === true
}

/** Waits until something is so. Answers how long that took, in milliseconds. */
export async function until(isTrue: () => boolean, within = 5_000): Promise<number> {
  const startedAt = performance.now()
  while (!isTrue()) {
    if (performance.now() - startedAt > within) throw new Error(`It was not so within ${within} ms.`)
    await delay(2)
  }
  return performance.now() - startedAt
}
