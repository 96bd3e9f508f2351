import { PerPublisher } from './per-publisher.ts'

/**
 * Tells from the marks in heartbeats whether data were lost.
 *
 * Marks of two publishers are never compared: channels are common to all databases of a server, data are not, so that
 * stores in two of them hear each other's heartbeats.
 */
export class Marks {
  readonly #latest = new PerPublisher<string>()
  /** What the latest change led to, which each publisher tells in turn. */
  #changedTo: string | undefined

  /** Takes note of a mark; answers whether it shows a loss that has not been told before. */
  note(publisher: string, mark: string): boolean {
    const latest = this.#latest.get(publisher)
    this.#latest.set(publisher, mark)
    if (latest === undefined || latest === mark || mark === this.#changedTo) return false
    this.#changedTo = mark
    return true
  }
}
