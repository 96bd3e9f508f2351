import type { AnyStore, ChangeFeed } from '../contracts/store.ts'

/** Says whether a store has the power to tell of changes. */
export function isChangeFeed(store: AnyStore): store is AnyStore & ChangeFeed {
  return store.subscribe !== undefined && store.isFeedHealthy !== undefined
}
