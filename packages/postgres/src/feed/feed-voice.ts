import type { FeedState, FeedStateChange, StoreChange } from '@holdfast/core'

export type FeedListener = (change: StoreChange | FeedStateChange) => void

/** Tells listeners of changes, and of how far the feed can be trusted, in one order. */
export class FeedVoice {
  readonly #listeners = new Set<{ readonly listener: FeedListener }>()
  #state: FeedState = 'detached'

  get state(): FeedState {
    return this.#state
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  add(listener: FeedListener): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  /** Tells a state that differs from the one before. */
  become(state: FeedState): void {
    if (state === this.#state) return
    this.#state = state
    this.tell({ type: 'state', state })
  }

  tell(change: StoreChange | FeedStateChange): void {
    for (const { listener } of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        // A faulty listener must be heard of, but must not stop the others.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
