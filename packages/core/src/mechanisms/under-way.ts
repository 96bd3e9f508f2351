/** Remembers what is under way, so that `close()` can wait for it. */
export interface UnderWay {
  /** Adds a promise until it settles; answers it. */
  add<Value>(promise: Promise<Value>): Promise<Value>
  /** Resolves when everything has settled, also what was added meanwhile. */
  drain(): Promise<void>
}

export function createUnderWay(): UnderWay {
  const promises = new Set<Promise<unknown>>()
  return {
    add: (promise) => {
      promises.add(promise)
      const forget = (): void => void promises.delete(promise)
      promise.then(forget, forget)
      return promise
    },
    drain: async () => {
      while (promises.size > 0) await Promise.allSettled(promises)
    },
  }
}
