/** Takes note of renewed tokens that are presented for the first time. Nobody waits for it but `close()`. */
import type { Committer } from './commit/committer.ts'
import type { Clock } from './contracts/clock.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import type { Live } from './mechanisms/live.ts'
import { forgottenAt } from './mechanisms/succession.ts'
import type { UnderWay } from './mechanisms/under-way.ts'

export interface ConfirmerParts {
  readonly store: GuardedStore
  readonly committer: Committer
  readonly commits: UnderWay
  readonly clock: Clock
  readonly renewEvery: number
}

/** Answers what notes it. Requests that present one token at once cause one write in this process. */
export function createConfirmer(parts: ConfirmerParts): (live: Live) => void {
  const { store, committer, commits, clock, renewEvery } = parts
  const underWay = new Set<string>()

  async function confirm(live: Live, key: string): Promise<void> {
    try {
      const at = clock.now()
      await committer.commit({
        origin: { type: 'live', live },
        intents: [{ type: 'confirm', at }],
        isTakeExclusive: false,
        isActive: false,
        newId: () => live.record.id,
        client: () => ({}),
        unsettled: undefined,
        onUnsettled: () => {},
      })
      const { formerKey } = live.head
      if (formerKey !== undefined) await store.trim([{ key: formerKey, until: forgottenAt(at, renewEvery) }])
    } catch {
      // The next request with the token does it.
    } finally {
      underWay.delete(key)
    }
  }

  return (live) => {
    const { key } = live.record
    if (underWay.has(key)) return
    underWay.add(key)
    void commits.add(confirm(live, key))
  }
}
