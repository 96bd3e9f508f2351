/** Knows how much is under way, so that `close()` can wait for it. */
export interface UnderWay {
  /** Something begins. Whoever says so calls {@link leave} once when it is over. */
  enter(): void
  leave(): void
  /** Adds a promise until it settles; answers it. */
  add<Value>(promise: Promise<Value>): Promise<Value>
  /** Resolves when everything is over, also what began meanwhile. */
  drain(): Promise<void>
}

export function createUnderWay(): UnderWay {
  let count = 0
  let waiting: (() => void)[] = []
  const enter = (): void => {
    count++
  }
  const leave = (): void => {
    count--
    if (count > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }
  return {
    enter,
    leave,
    add: (promise) => {
      enter()
      promise.then(leave, leave)
      return promise
    },
    drain: async () => {
      while (count > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
