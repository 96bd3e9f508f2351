import { type Intent, endsSession, revivesSession, survivesServerError } from './intents.ts'

/**
 * The intents of one request in their order: first those that were handed to a commit which is under way or whose
 * outcome is unknown, then those that wait.
 */
export class IntentLog {
  #intents: Intent[] = []
  #handedOver = 0

  get all(): readonly Intent[] {
    return this.#intents
  }

  get isEmpty(): boolean {
    return this.#intents.length === 0
  }

  /** Whether the session is to end although an earlier commit of this request is not settled. */
  get isEndWaiting(): boolean {
    return this.#waiting().some(endsSession)
  }

  /** Whether a suspended session is to be used, or to be ended. */
  get isReviving(): boolean {
    return this.#intents.some(revivesSession)
  }

  /** Adds an intent. One that ends the session drops what waits: it belongs to the session that ends. */
  add(intent: Intent): void {
    if (endsSession(intent)) this.#replaceWaiting(this.#waiting().filter(endsSession))
    this.#intents.push(intent)
  }

  /** Hands all intents to a commit. */
  handOver(): readonly Intent[] {
    this.#handedOver = this.#intents.length
    return this.#intents.slice()
  }

  /** Takes back what was handed over, but for the first `held`, which a write of unknown outcome holds. */
  takeBack(held: number): void {
    this.#handedOver = held
  }

  /** Removes the first `count`: they are carried out, or no longer wanted. */
  remove(count: number): void {
    this.#intents = this.#intents.slice(count)
    this.#handedOver = 0
  }

  /** Removes what waits and is not carried out after a server error. Answers whether there was any. */
  removeChanges(): boolean {
    const surviving = this.#waiting().filter(survivesServerError)
    const hasRemoved = surviving.length < this.#waiting().length
    this.#replaceWaiting(surviving)
    return hasRemoved
  }

  #waiting(): Intent[] {
    return this.#intents.slice(this.#handedOver)
  }

  #replaceWaiting(waiting: readonly Intent[]): void {
    this.#intents.splice(this.#handedOver, Infinity, ...waiting)
  }
}
