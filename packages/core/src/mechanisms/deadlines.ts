/**
 * Deadlines of many calls. Calls that begin within the same moment share a timer and an AbortSignal, since those would
 * cost more than all the rest of a call.
 */

import { type Linked, RecencyList } from './recency-list.ts'

/** What waits for an answer. */
export interface Waiting extends Linked<Waiting> {
  /** Called once if the deadline passes before {@link Deadline.leave}. */
  expire(): void
}

/** The deadline of the calls of one moment. */
export interface Deadline {
  /** Fires when it has passed. Calls of the moment that have been answered must not mind. */
  readonly signal: AbortSignal
  /** Whoever waits leaves once. */
  leave(waiting: Waiting): void
}

export interface Deadlines {
  /** Lets something wait, as long as was agreed, and a moment longer at most. */
  join(waiting: Waiting): Deadline
}

/** How late a timer must be for this process to have been busy, and how long is waited then, in milliseconds. */
const LATE = 20

/** How long a moment may be: a fiftieth of the deadline, and never more than this, in milliseconds. */
const LONGEST_MOMENT = 5

/** @param length how long a call may take, in milliseconds */
export function createDeadlines(length: number, monotonic: () => number = () => performance.now()): Deadlines {
  const momentLength = Math.min(LONGEST_MOMENT, length / 50)
  let current: SharedDeadline | undefined
  return {
    join: (waiting) => {
      const now = monotonic()
      if (current === undefined || now >= current.closesAt) {
        current = new SharedDeadline(now, momentLength, length, monotonic)
      }
      current.join(waiting)
      return current
    },
  }
}

class SharedDeadline implements Deadline {
  /** From when on nobody may join. */
  readonly closesAt: number
  readonly #dueAt: number
  readonly #monotonic: () => number
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout
  /** A list that needs nothing but what it holds: a Set would be made anew each time that it becomes empty. */
  readonly #waiting = new RecencyList<Waiting>()

  constructor(now: number, momentLength: number, length: number, monotonic: () => number) {
    this.closesAt = now + momentLength
    this.#dueAt = this.closesAt + length
    this.#monotonic = monotonic
    this.#timer = setTimeout(() => this.#ring(), length + momentLength)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  join(waiting: Waiting): void {
    if (this.#waiting.oldest === undefined) this.#timer.ref()
    this.#waiting.add(waiting)
  }

  /** A timer that nobody waits for must not keep the process alive. */
  leave(waiting: Waiting): void {
    this.#waiting.remove(waiting)
    if (this.#waiting.oldest === undefined) this.#timer.unref()
  }

  /**
   * When this process was busy, an answer may be waiting behind the timer: one more turn lets it in. If it was busy for
   * long, a question may not even have been sent before, and its answer is given a little time of its own.
   */
  #ring(): void {
    const expireNextTurn = (): void => void setImmediate(() => this.#expire())
    const isLate = this.#waiting.oldest !== undefined && this.#monotonic() - this.#dueAt > LATE
    if (isLate) this.#timer = setTimeout(expireNextTurn, LATE)
    else expireNextTurn()
  }

  #expire(): void {
    if (this.#waiting.oldest === undefined) return
    this.#controller.abort(new DOMException('The store did not answer in time.', 'TimeoutError'))
    for (const waiting of this.#waiting.items()) waiting.expire()
  }
}
