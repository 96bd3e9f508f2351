import type { AnyStore, ChangeFeed, Countable, Generational, SubjectIndex } from '../contracts/store.ts'

/** Says whether a store has the power to tell of changes. */
export function isChangeFeed(store: AnyStore): store is AnyStore & ChangeFeed {
  return store.subscribe !== undefined && store.isFeedHealthy !== undefined
}

/** Says whether a store has the power to find the sessions of a subject. */
export function isSubjectIndex(store: AnyStore): store is AnyStore & SubjectIndex {
  return store.listSubject !== undefined
}

/** Says whether a store has the power to end everything at once. */
export function isGenerational(store: AnyStore): store is AnyStore & Generational {
  return store.generation !== undefined && store.raiseGeneration !== undefined
}

/** Says whether a store has the power to count records by what their bodies begin with. */
export function isCountable(store: AnyStore): store is AnyStore & Countable {
  return store.countLive !== undefined
}
