/** How many publishers are remembered. Those that were heard from least lately are forgotten first. */
const REMEMBERED = 10_000

/** Remembers the latest of something that each publisher told. */
export class PerPublisher<Value> {
  readonly #latest = new Map<string, Value>()

  get(publisher: string): Value | undefined {
    return this.#latest.get(publisher)
  }

  set(publisher: string, value: Value): void {
    this.#latest.delete(publisher)
    this.#latest.set(publisher, value)
    if (this.#latest.size <= REMEMBERED) return
    const [longestSilent] = this.#latest.keys()
    if (longestSilent !== undefined) this.#latest.delete(longestSilent)
  }

  clear(): void {
    this.#latest.clear()
  }
}
