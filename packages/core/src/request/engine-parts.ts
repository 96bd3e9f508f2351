import type { Committer } from '../commit/committer.ts'
import type { Clock } from '../contracts/clock.ts'
import type { ClientTraitsPolicy } from '../mechanisms/client-traits.ts'
import type { Draft } from '../mechanisms/draft.ts'
import type { DraftRules } from '../mechanisms/draft-rules.ts'
import type { LifetimeChange } from '../mechanisms/intents.ts'
import type { Live } from '../mechanisms/live.ts'
import type { Loader } from '../mechanisms/loader.ts'
import type { Mint } from '../mechanisms/token.ts'
import type { Toucher } from '../mechanisms/toucher.ts'
import type { UnderWay } from '../mechanisms/under-way.ts'
import type { ResponseHeaderTerms, TimeLeftTerms } from './response-headers.ts'

/** The mechanisms of an engine, as its requests use them. */
export interface EngineParts extends ResponseHeaderTerms, TimeLeftTerms {
  readonly rules: DraftRules
  readonly clock: Clock
  readonly mint: Mint
  readonly loader: Loader
  readonly committer: Committer
  readonly toucher: Toucher
  readonly commits: UnderWay
  readonly checkLifetime: (change: LifetimeChange, session: { beganAt: number; level: number }) => void
  /** Takes note of sessions whose names were asked for. */
  readonly named: { note(live: Live): void }
  readonly traits: ClientTraitsPolicy
  readonly isProduction: boolean
  readonly saveOn5xx: boolean
  /** How old a token may become, in milliseconds. */
  readonly renewEvery: number
  /** Whether use at this moment should bring the client another token. */
  readonly isTokenDue: (live: Live, now: number) => boolean
  /** Whether saving a draft needs a response that can bring the client a token, or take it away. */
  readonly needsResponse: (draft: Draft) => boolean
  /** Refuses what only a store can promise, by the name of the method; `undefined` where there is one. */
  readonly refuse: ((method: string) => never) | undefined
}
