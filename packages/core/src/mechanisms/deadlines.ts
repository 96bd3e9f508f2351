/**
 * Deadlines of many calls. Calls that begin within the same moment share a timer and an AbortSignal, since those would
 * cost more than all the rest of a call.
 */

/** What waits for an answer. */
export interface Waiting {
  /** Called once if the deadline passes before {@link Deadline.leave}. */
  expire(): void
}

/** The deadline of the calls of one moment. */
export interface Deadline {
  /** Fires when it has passed. Calls of the moment that have been answered must not mind. */
  readonly signal: AbortSignal
  leave(waiting: Waiting): void
}

export interface Deadlines {
  /** Lets something wait, as long as was agreed, and a moment longer at most. */
  join(waiting: Waiting): Deadline
}

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
        current = new SharedDeadline(now + momentLength, length + momentLength)
      }
      current.join(waiting)
      return current
    },
  }
}

class SharedDeadline implements Deadline {
  /** From when on nobody may join. */
  readonly closesAt: number
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #waiting = new Set<Waiting>()

  constructor(closesAt: number, length: number) {
    this.closesAt = closesAt
    // When this process was busy, an answer may be waiting behind the timer: one more turn lets it in.
    this.#timer = setTimeout(() => setImmediate(() => this.#expire()), length)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  join(waiting: Waiting): void {
    if (this.#waiting.size === 0) this.#timer.ref()
    this.#waiting.add(waiting)
  }

  /** A timer that nobody waits for must not keep the process alive. */
  leave(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    if (this.#waiting.size === 0) this.#timer.unref()
  }

  #expire(): void {
    if (this.#waiting.size === 0) return
    this.#controller.abort(new DOMException('The store did not answer in time.', 'TimeoutError'))
    for (const waiting of this.#waiting) waiting.expire()
  }
}
