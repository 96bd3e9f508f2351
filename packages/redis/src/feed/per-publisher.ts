/** How many publishers are remembered. Those that were heard from least lately are forgotten first. */
const REMEMBERED = 10_000

interface Told<Value> {
  readonly publisher: string
  latest: Value
}

/** Remembers the latest of something that each publisher told. */
export class PerPublisher<Value> {
  readonly #told = new Map<string, Told<Value>>()
  /** Of whom was heard last. Most messages in a row come from one publisher, which then needs no look-up. */
  #last: Told<Value> | undefined

  get(publisher: string): Value | undefined {
    return this.#last?.publisher === publisher ? this.#last.latest : this.#told.get(publisher)?.latest
  }

  set(publisher: string, value: Value): void {
    if (this.#last?.publisher === publisher) {
      this.#last.latest = value
      return
    }
    this.#last = { publisher, latest: value }
    this.#told.delete(publisher)
    this.#told.set(publisher, this.#last)
    if (this.#told.size <= REMEMBERED) return
    const [longestSilent] = this.#told.keys()
    if (longestSilent !== undefined) this.#told.delete(longestSilent)
  }

  clear(): void {
    this.#told.clear()
    this.#last = undefined
  }
}
