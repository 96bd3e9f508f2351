/** How long something is remembered, in milliseconds. */
const REMEMBERED = 600_000

/** How much is remembered at most; the oldest is forgotten first. */
const MOST = 100_000

/** Remembers values by key for ten minutes. */
export class Recent<Value> {
  readonly #kept = new Map<string, { readonly value: Value; readonly until: number }>()

  get isEmpty(): boolean {
    return this.#kept.size === 0
  }

  get(key: string): Value | undefined {
    const kept = this.#kept.get(key)
    return kept === undefined || kept.until <= performance.now() ? undefined : kept.value
  }

  set(key: string, value: Value): void {
    const now = performance.now()
    this.#kept.delete(key)
    this.#kept.set(key, { value, until: now + REMEMBERED })
    for (const [oldest, { until }] of this.#kept) {
      if (until > now && this.#kept.size <= MOST) break
      this.#kept.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#kept.delete(key)
  }

  /** Answers everything that is remembered, the oldest first. */
  entries(): [key: string, value: Value][] {
    const now = performance.now()
    return [...this.#kept].filter(([, { until }]) => until > now).map(([key, { value }]) => [key, value])
  }
}
