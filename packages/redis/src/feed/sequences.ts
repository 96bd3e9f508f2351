import { PerPublisher } from './per-publisher.ts'

/** Tells from the numbers of messages whether one is missing. */
export class Sequences {
  readonly #latest = new PerPublisher<number>()

  /** Takes note of a message; answers whether one before it is missing. A beat repeats the number before it. */
  note(publisher: string, number: number, isBeat: boolean): boolean {
    const latest = this.#latest.get(publisher)
    this.#latest.set(publisher, Math.max(latest ?? 0, number))
    return latest !== undefined && number > latest + (isBeat ? 0 : 1)
  }

  forget(): void {
    this.#latest.clear()
  }
}
