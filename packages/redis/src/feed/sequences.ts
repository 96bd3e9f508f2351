/** How many publishers are remembered. Those that were heard from least lately are forgotten first. */
const REMEMBERED = 10_000

/** Tells from the numbers of messages whether one is missing. */
export class Sequences {
  readonly #latest = new Map<string, number>()

  /** Takes note of a message; answers whether one before it is missing. A beat repeats the number before it. */
  note(publisher: string, number: number, isBeat: boolean): boolean {
    const latest = this.#latest.get(publisher)
    this.#latest.delete(publisher)
    this.#latest.set(publisher, Math.max(latest ?? 0, number))
    if (this.#latest.size > REMEMBERED) {
      const [longestSilent] = this.#latest.keys()
      if (longestSilent !== undefined) this.#latest.delete(longestSilent)
    }
    return latest !== undefined && number > latest + (isBeat ? 0 : 1)
  }

  forget(): void {
    this.#latest.clear()
  }
}
