/** What happens when a token comes back that was replaced long enough ago: two clients hold one session. */
import type { Clock } from '../contracts/clock.ts'
import { tell } from './events.ts'
import type { GuardedStore } from './guard.ts'
import type { Mint } from './token.ts'
import { UNKNOWN_ENDING } from './endings.ts'
import type { Rejected } from './verdicts.ts'

/** `'end'`: nobody can say who of both is honest, so the session ends. `'report'`: an event tells of it. */
export type ReusePolicy = 'end' | 'report'

export interface ReuseAlarm {
  /** Raises the alarm about the session that an old key led to. @throws StoreError if it was to be ended and could not */
  raise(key: string, id: string): Promise<Rejected>
}

export interface ReuseAlarmParts {
  readonly store: GuardedStore
  readonly clock: Clock
  readonly mint: Mint
  readonly onReuse: ReusePolicy
}

export function createReuseAlarm({ store, clock, mint, onReuse }: ReuseAlarmParts): ReuseAlarm {
  return {
    raise: async (key, id) => {
      const isEnded = onReuse === 'end'
      tell('holdfast:reuse', { id, isEnded })
      if (!isEnded) return { reason: 'reuse', id, ended: UNKNOWN_ENDING }
      const at = clock.now()
      // The end of an old key is the end of whatever it leads to.
      const { outcome } = await store.end(key, { reason: 'reuse', at, id, commitId: mint.commitId() })
      if (outcome === 'ended') tell('holdfast:ended', { id, reason: 'reuse' })
      return { reason: 'reuse', id, ended: { reason: 'reuse', at } }
    },
  }
}
