import type { StoreChange } from '../../contracts/store.ts'

/** Hands every change to every listener, at once. */
export class ChangeBroadcast {
  readonly #subscriptions = new Set<{ readonly listener: (change: StoreChange) => void }>()

  subscribe(listener: (change: StoreChange) => void): () => void {
    const subscription = { listener }
    this.#subscriptions.add(subscription)
    return () => void this.#subscriptions.delete(subscription)
  }

  tell(change: StoreChange): void {
    for (const { listener } of this.#subscriptions) {
      try {
        listener(change)
      } catch (error) {
        // The change has happened: a faulty listener must be heard of, but must not make the writer believe otherwise.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
