import type {
  AnyStore,
  ChangeFeed,
  Countable,
  Generational,
  Pingable,
  SessionStore,
  SubjectIndex,
  Sweepable,
  Trimmable,
} from '@holdfast/core'

/** An optional power, and how to see that a store has it. */
export interface Power<Having = unknown> {
  readonly name: string
  isIn(store: AnyStore): store is SessionStore & Having
}

export const SUBJECT_INDEX: Power<SubjectIndex> = {
  name: 'SubjectIndex',
  isIn: (store): store is SessionStore & SubjectIndex => store.listSubject !== undefined,
}

export const CHANGE_FEED: Power<ChangeFeed> = {
  name: 'ChangeFeed',
  isIn: (store): store is SessionStore & ChangeFeed => store.subscribe !== undefined,
}

export const FEED_OF_ALL: Power<ChangeFeed> = {
  name: "ChangeFeed of 'all'",
  isIn: (store): store is SessionStore & ChangeFeed => CHANGE_FEED.isIn(store) && store.feeds === 'all',
}

export const TRIMMABLE: Power<Trimmable> = {
  name: 'Trimmable',
  isIn: (store): store is SessionStore & Trimmable => store.trim !== undefined,
}

export const SWEEPABLE: Power<Sweepable> = {
  name: 'Sweepable',
  isIn: (store): store is SessionStore & Sweepable => store.sweep !== undefined,
}

export const PINGABLE: Power<Pingable> = {
  name: 'Pingable',
  isIn: (store): store is SessionStore & Pingable => store.ping !== undefined,
}

export const GENERATIONAL: Power<Generational> = {
  name: 'Generational',
  isIn: (store): store is SessionStore & Generational => store.generation !== undefined,
}

export const COUNTABLE: Power<Countable> = {
  name: 'Countable',
  isIn: (store): store is SessionStore & Countable => store.countLive !== undefined,
}
