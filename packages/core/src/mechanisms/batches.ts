/** Does things of one name together: while one batch is carried out, those who come wait, and go together in the next. */
export interface Batches<Item, Result> {
  /** Answers what came of the batch that the item goes with. It begins after this call, never before. */
  add(name: string, item: Item): Promise<Result>
}

interface Batch<Item, Result> {
  readonly items: Item[]
  readonly done: Promise<Result>
}

export function createBatches<Item, Result>(
  run: (name: string, items: readonly Item[]) => Promise<Result>,
): Batches<Item, Result> {
  const waiting = new Map<string, Batch<Item, Result>>()
  const running = new Map<string, Promise<unknown>>()

  function open(name: string): Batch<Item, Result> {
    const items: Item[] = []
    const before = running.get(name) ?? Promise.resolve()
    const done = before
      .catch(() => {})
      .then(() => {
        waiting.delete(name)
        return run(name, items)
      })
      .finally(() => {
        if (running.get(name) === done) running.delete(name)
      })
    running.set(name, done)
    const batch = { items, done }
    waiting.set(name, batch)
    return batch
  }

  return {
    add: (name, item) => {
      const batch = waiting.get(name) ?? open(name)
      batch.items.push(item)
      return batch.done
    },
  }
}
