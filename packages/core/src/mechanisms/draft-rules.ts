import type { Codec } from '../contracts/codec.ts'
import type { LifetimePolicy } from './lifetime.ts'

/** Decides between two values that requests gave to one field at the same time; `undefined` removes the field. */
export type ConflictResolver = (ours: unknown, theirs: unknown, name: string) => unknown

/** What to do when two requests gave one field different values. */
export type ConflictPolicy = 'last' | 'throw' | ConflictResolver

/** What a draft needs to know beside the record. */
export interface DraftRules {
  readonly codec: Codec
  readonly policy: LifetimePolicy
  readonly onConflict: ConflictPolicy
  /** Bytes that all fields together may have. */
  readonly sizeLimit: number
  /** The option by which a program sets that. @default 'sizeLimit' */
  readonly sizedBy?: string
}

/** How one commit wants its intents applied. */
export interface ApplyTerms {
  /** Refuses a `take` whose value another request has taken, for one-time secrets. */
  readonly isTakeExclusive: boolean
}
