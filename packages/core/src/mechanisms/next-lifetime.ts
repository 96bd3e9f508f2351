/** How long a session lives from its next record on: policy, what a program asked for, and what its level allows. */
import { Buffer } from 'node:buffer'

import type { SessionRecord } from '../contracts/record.ts'
import type { LifetimeChange } from './intents.ts'
import type { Lifetime, LifetimePolicy } from './lifetime.ts'

/** What decides about the lifetime of the next record. */
export interface LifetimeTerms {
  readonly policy: LifetimePolicy
  readonly now: number
  /** The public name of the session, from which its jitter comes. */
  readonly id: string
  /** The record before; `undefined` where both lifetimes begin (anew). */
  readonly previous: SessionRecord | undefined
  readonly isSignedIn: boolean
  readonly isPersistent: boolean
  readonly level: number
  /** What the program asks for. It is taken as it is, without jitter. */
  readonly change: LifetimeChange
  /** When both lifetimes began. */
  readonly startedAt: number
  /** When the level was last proved. */
  readonly provedAt: number
}

export interface NextLifetime {
  readonly idleTimeout: number
  readonly absoluteAt: number
}

/** Answers the lifetime of the next record. A level shortens both limits, and never lengthens any. */
export function nextLifetime(terms: LifetimeTerms): NextLifetime {
  const { policy, id, previous, change, startedAt, provedAt, level } = terms
  const usual = policyFor(terms)
  const cut = (length: number): number => length - jitterOf(id, length * policy.jitter)
  const idleTimeout = change.idleTimeout ?? previous?.idleTimeout ?? cut(usual.idleTimeout)
  const absoluteAt =
    change.absoluteTimeout === undefined
      ? (previous?.absoluteAt ?? startedAt + usual.absoluteTimeout)
      : startedAt + change.absoluteTimeout
  const longest = policy.levels[level]
  if (longest === undefined) return { idleTimeout, absoluteAt }
  return {
    idleTimeout: Math.min(idleTimeout, cut(longest.idleTimeout)),
    absoluteAt: Math.min(absoluteAt, provedAt + longest.absoluteTimeout),
  }
}

function policyFor({ policy, isSignedIn, isPersistent }: LifetimeTerms): Lifetime {
  if (isPersistent) return policy.remember
  return isSignedIn ? policy : policy.anonymous
}

/** Answers a whole number from 0 up to, not including, `most`. The same session always gets the same share. */
function jitterOf(id: string, most: number): number {
  return Math.floor((Buffer.from(id, 'base64url').readUIntBE(0, 4) / 2 ** 32) * most)
}
