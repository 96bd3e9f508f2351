/** How many live sessions each key of an engine has sealed, which says when an old key can go. */
import { UsageError } from './contracts/errors.ts'
import { beginningOf } from './mechanisms/envelope/record-seal.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import type { KeyRing } from './mechanisms/keys/key-ring.ts'

/** What one key has sealed. */
export interface KeyCount {
  /** Names the key, and says nothing of its secret. */
  readonly generation: string
  /** Whether it seals now. */
  readonly isSealing: boolean
  /** How many live sessions need it. */
  readonly sessions: number
}

export interface KeyCensus {
  /**
   * Counts the live sessions that each key has sealed, in the order of the list. A key that does not seal any more, on
   * any process, and has none can be removed. Walks through the store in steps: for a person or a job, not for a request.
   * Answers an empty list without `seal`.
   *
   * @throws StoreError, UsageError `ERR_POWER_MISSING`
   */
  countByKey(): Promise<readonly KeyCount[]>
}

export interface KeyCensusParts {
  readonly store: GuardedStore
  readonly ring: KeyRing | undefined
  /** Whether the store has that power. */
  readonly isCountable: boolean
}

export function createKeyCensus({ store, ring, isCountable }: KeyCensusParts): KeyCensus {
  async function count(beginning: Uint8Array): Promise<number> {
    let sum = 0
    let after: string | undefined
    do {
      const step = await store.countLive(beginning, after)
      sum += step.count
      after = step.next
    } while (after !== undefined)
    return sum
  }

  return {
    countByKey: async () => {
      if (ring === undefined) return []
      if (!isCountable) {
        throw new UsageError(
          'ERR_POWER_MISSING',
          `The store \`${store.name}\` cannot count sessions (it has no \`countLive\`). An old key can go once the longest ` +
            'absolute timeout has passed since it sealed for the last time.',
        )
      }
      await ring.refresh()
      const sealing = ring.sealing()
      const counts: KeyCount[] = []
      // One after another: nobody waits for it, and requests use the same store.
      for (const key of ring.all()) {
        const { generation } = key
        counts.push({ generation, isSealing: key === sealing, sessions: await count(beginningOf(key)) })
      }
      return counts
    },
  }
}
