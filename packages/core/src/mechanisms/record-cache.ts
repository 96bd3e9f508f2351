/**
 * Copies of records in this process, so that a session that was just read is not asked for again.
 *
 * A copy may be shown only while the store's change feed is healthy and has said nothing newer about its key, and never
 * past its greatest age. Any doubt about the feed drops all copies.
 */
import { LRUCache } from 'lru-cache'

import type { ChangeFeed, FeedStateChange, StoreChange } from '../contracts/store.ts'
import { tell } from './events.ts'
import type { OpenRecord } from './live.ts'

export interface CacheLimits {
  /** Bytes that all copies may take together. */
  readonly maxBytes: number
  /** How old a copy may be, in milliseconds. */
  readonly maxAge: number
}

/** A load or a commit under way. What it brings is kept only if nothing newer was told about its key meanwhile. */
export interface Passage<Answer> {
  /** Lets requests that come later wait for the same answer, as long as nothing overtakes it. */
  share(answer: Promise<Answer>): void
  /** Closes the passage, and keeps what it brought. */
  keep(opened: OpenRecord): void
  /** Closes the passage, and keeps nothing. */
  close(): void
}

export interface RecordCache<Answer> {
  /** Answers the copy of a record, if it can be shown now. It may have passed its deadline. */
  find(key: string): OpenRecord | undefined
  /** Answers the load that is under way for a key and that nothing has overtaken. */
  join(key: string): Promise<Answer> | undefined
  begin(key: string): Passage<Answer>
  /** Drops the copy of a key, and what is on its way. */
  forget(key: string): void
}

const NO_PASSAGE: Passage<never> = { share: () => {}, keep: () => {}, close: () => {} }

/** For engines without a cache. */
export const NO_CACHE: RecordCache<never> = {
  find: () => undefined,
  join: () => undefined,
  begin: () => NO_PASSAGE,
  forget: () => {},
}

/** What a copy is reckoned to take besides its body, in bytes: header, fields, decoded values, links of the list. */
export const COPY_BYTES = 768

interface Copy {
  readonly opened: OpenRecord
  readonly takenAt: number
}

interface Underway<Answer> {
  readonly key: string
  readonly beganAt: number
  /** Which flush it came after; `undefined` if the feed was not healthy when it began. */
  readonly generation: number | undefined
  /** The newest revision that was told since; infinite if the key was closed. */
  toldRevision: number
  answer: Promise<Answer> | undefined
}

/** Makes a cache over a feed. `hear` is what the feed must be told to call. */
export function createRecordCache<Answer>(
  feed: ChangeFeed & { readonly name: string },
  { maxBytes, maxAge }: CacheLimits,
  monotonic: () => number = () => performance.now(),
): RecordCache<Answer> & { hear(change: StoreChange | FeedStateChange): void } {
  const copies = new LRUCache<string, Copy>({
    maxSize: maxBytes,
    sizeCalculation: ({ opened }) => opened.record.body.byteLength + COPY_BYTES,
  })
  const underWay = new Map<string, Underway<Answer>[]>()
  let generation = 0

  function flush(): void {
    copies.clear()
    generation++
  }

  /** Takes note that a key has reached a revision, or is closed. */
  function note(key: string, revision: number): void {
    const copy = copies.peek(key)
    if (copy !== undefined && copy.opened.record.revision < revision) copies.delete(key)
    for (const each of underWay.get(key) ?? []) each.toldRevision = Math.max(each.toldRevision, revision)
  }

  function leave(passage: Underway<Answer>): void {
    const others = underWay.get(passage.key)?.filter((each) => each !== passage)
    if (others === undefined || others.length === 0) underWay.delete(passage.key)
    else underWay.set(passage.key, others)
  }

  function keep(passage: Underway<Answer>, opened: OpenRecord): void {
    const { key, beganAt } = passage
    leave(passage)
    if (passage.generation !== generation || !feed.isFeedHealthy()) return forget(key)
    note(key, opened.record.revision)
    if (passage.toldRevision > opened.record.revision) return
    const standing = copies.peek(key)
    if (standing !== undefined && standing.opened.record.revision > opened.record.revision) return
    copies.set(key, { opened, takenAt: beganAt })
  }

  function forget(key: string): void {
    note(key, Number.POSITIVE_INFINITY)
  }

  return {
    find: (key) => {
      const copy = copies.get(key)
      if (copy === undefined) return undefined
      if (!feed.isFeedHealthy()) {
        flush()
        return undefined
      }
      if (monotonic() - copy.takenAt < maxAge) return copy.opened
      copies.delete(key)
      return undefined
    },
    join: (key) => {
      if (feed.feeds !== 'all' || !feed.isFeedHealthy()) return undefined
      const isOvertaken = (each: Underway<Answer>): boolean => each.generation !== generation || each.toldRevision > 0
      return underWay.get(key)?.find((each) => each.answer !== undefined && !isOvertaken(each))?.answer
    },
    begin: (key) => {
      const passage: Underway<Answer> = {
        key,
        beganAt: monotonic(),
        generation: feed.isFeedHealthy() ? generation : undefined,
        toldRevision: 0,
        answer: undefined,
      }
      const others = underWay.get(key)
      if (others === undefined) underWay.set(key, [passage])
      else others.push(passage)
      return {
        share: (answer) => void (passage.answer = answer),
        keep: (opened) => keep(passage, opened),
        close: () => leave(passage),
      }
    },
    forget,
    hear: (change) => {
      switch (change.type) {
        case 'state':
          flush()
          tell('holdfast:cache', { store: feed.name, state: change.state })
          return
        case 'changed':
          return note(change.key, change.revision)
        case 'renewed':
        case 'ended':
          return forget(change.key)
      }
    },
  }
}
