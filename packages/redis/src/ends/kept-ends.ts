import type { Alias, Tombstone } from '@holdfast/core'
import { Recent } from './recent.ts'

/** What was left under a key. */
export type Left = { readonly tombstone: Tombstone } | { readonly alias: Alias }

/**
 * Remembers for ten minutes the ends and renewals that this process made or heard of, so that they survive a server that
 * forgets them: replication lags behind, and a server may come back empty or with what it had saved. Ends have room of
 * their own: sessions are renewed all the time, and that must not push an end out.
 */
export class KeptEnds {
  readonly #onFirst: () => void
  readonly #tombstones = new Recent<Tombstone>()
  readonly #aliases = new Recent<Alias>()

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
  }

  /** Answers the tombstone of a session that has ended as far as this process knows. */
  tombstoneOf(key: string): Tombstone | undefined {
    return this.#tombstones.isEmpty ? undefined : this.#tombstones.get(key)
  }

  /** Remembers an end that this process made. */
  noteEnd(key: string, tombstone: Tombstone): void {
    this.#begin()
    this.#aliases.delete(key)
    this.#tombstones.set(key, tombstone)
  }

  /** Remembers an end that this process heard of, unless it knows more of it. */
  hearEnd(key: string, tombstone: Tombstone): void {
    if (this.tombstoneOf(key) === undefined) this.noteEnd(key, tombstone)
  }

  /** Remembers a renewal that this process made. It knows more of it than the feed tells: the grace, the sealed token. */
  noteRenewal(key: string, alias: Alias): void {
    if (this.tombstoneOf(key) !== undefined) return
    this.#begin()
    this.#aliases.set(key, alias)
  }

  /** Remembers a renewal that this process heard of, unless it knows more of it. */
  hearRenewal(key: string, alias: Alias): void {
    if (this.#aliases.get(key) === undefined) this.noteRenewal(key, alias)
  }

  /** Answers everything that is remembered. */
  all(): [key: string, left: Left][] {
    return [
      ...this.#tombstones.entries().map(([key, tombstone]): [string, Left] => [key, { tombstone }]),
      ...this.#aliases.entries().map(([key, alias]): [string, Left] => [key, { alias }]),
    ]
  }

  #begin(): void {
    if (this.#tombstones.isEmpty && this.#aliases.isEmpty) this.#onFirst()
  }
}
