/** How long a server may answer nothing at all while it is asked, in milliseconds: two deadlines of the engine. */
const PATIENCE = 500

/** How long a new connection is given before its first answer, in milliseconds. */
const PAUSE = 1_000

/**
 * Notices a server that no longer answers, such as a stopped one behind Sentinel, which ioredis would never leave, and
 * destroys its connection. Needs no timers: it looks whenever another question is asked.
 */
export class StallWatch {
  readonly #destroy: () => void
  readonly #pause: number
  #unansweredSince: number | undefined
  #destroyedAt = performance.now()

  constructor(destroy: () => void, pause: number = PAUSE) {
    this.#destroy = destroy
    this.#pause = pause
  }

  /** @param now monotonic time in milliseconds, which the caller knows already */
  asked(now: number): void {
    if (this.#unansweredSince === undefined) this.#unansweredSince = now
    else if (now - this.#unansweredSince > PATIENCE && now - this.#destroyedAt > this.#pause) this.#suspect(now)
  }

  answered(): void {
    this.#unansweredSince = undefined
  }

  /** Takes note of an answer, and passes it on. */
  readonly pass = <Reply>(reply: Reply): Reply => {
    this.#unansweredSince = undefined
    return reply
  }

  /** Leaves a server that said itself that it is the wrong one. */
  leave(): void {
    const now = performance.now()
    if (now - this.#destroyedAt <= this.#pause) return
    this.#destroyedAt = now
    this.#destroy()
  }

  #suspect(now: number): void {
    this.#destroyedAt = now
    // Was it this process that was busy, the answer is waiting in the socket: one turn lets it in.
    setImmediate(() => {
      if (this.#unansweredSince === undefined) return
      // What is asked from now on is asked over a new connection, which is given time of its own.
      this.#unansweredSince = undefined
      this.#destroy()
    })
  }
}
