import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import type { HoldfastEvents } from '@holdfast/express'

export type StoreEvent = HoldfastEvents['holdfast:store']

/** The latest calls of this process to the session store, newest first. */
export interface Activity {
  latest(): readonly StoreEvent[]
  close(): void
}

const CALLS_KEPT = 8

/** Begins to listen to the store's diagnostics channel. Its messages hold no token, key or value. */
export function watchStore(): Activity {
  let calls: readonly StoreEvent[] = []
  const keep = (message: unknown): void => {
    calls = [message as StoreEvent, ...calls].slice(0, CALLS_KEPT)
  }
  subscribe('holdfast:store', keep)
  return { latest: () => calls, close: () => void unsubscribe('holdfast:store', keep) }
}
