import type { Alias, Tombstone } from '@holdfast/core'

/** How long an end or a renewal is remembered, in milliseconds. */
const REMEMBERED = 600_000

/** How many are remembered at most; the oldest are forgotten first. */
const MOST = 100_000

/** What was left under a key. */
export type Left = { readonly tombstone: Tombstone } | { readonly alias: Alias }

interface Kept {
  readonly left: Left
  readonly until: number
}

/**
 * Remembers for ten minutes the ends and renewals that this process made or heard of, so that they survive a server that
 * forgets them: replication lags behind, and a server may come back empty or with what it had saved.
 */
export class KeptEnds {
  readonly #onFirst: () => void
  readonly #kept = new Map<string, Kept>()

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
  }

  /** Answers the tombstone of a session that has ended as far as this process knows. */
  tombstoneOf(key: string): Tombstone | undefined {
    if (this.#kept.size === 0) return undefined
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.until <= performance.now()) return undefined
    return 'tombstone' in kept.left ? kept.left.tombstone : undefined
  }

  /** Remembers an end that this process made. */
  noteEnd(key: string, tombstone: Tombstone): void {
    this.#note(key, { tombstone })
  }

  /** Remembers an end that this process heard of, unless it knows more of it. */
  hearEnd(key: string, tombstone: Tombstone): void {
    if (this.tombstoneOf(key) === undefined) this.#note(key, { tombstone })
  }

  /** Remembers a renewal that this process made. It knows more of it than the feed tells: the grace, the sealed token. */
  noteRenewal(key: string, alias: Alias): void {
    if (this.tombstoneOf(key) === undefined) this.#note(key, { alias })
  }

  /** Remembers a renewal that this process heard of, unless it knows more of it. */
  hearRenewal(key: string, alias: Alias): void {
    if (!this.#kept.has(key)) this.#note(key, { alias })
  }

  /** Answers everything that is remembered, the oldest first. */
  all(): [key: string, left: Left][] {
    const now = performance.now()
    const all: [string, Left][] = []
    for (const [key, { left, until }] of this.#kept) if (until > now) all.push([key, left])
    return all
  }

  #note(key: string, left: Left): void {
    const now = performance.now()
    if (this.#kept.size === 0) this.#onFirst()
    this.#kept.delete(key)
    this.#kept.set(key, { left, until: now + REMEMBERED })
    for (const [oldest, { until }] of this.#kept) {
      if (until > now && this.#kept.size <= MOST) break
      this.#kept.delete(oldest)
    }
  }
}
