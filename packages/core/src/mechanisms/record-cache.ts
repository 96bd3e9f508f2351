/**
 * Copies of records in this process, so that a session that was just read is not asked for again.
 *
 * A copy may be shown only while the store's change feed is healthy and has said nothing newer about its key, and never
 * past its greatest age. Any doubt about the feed drops all copies.
 */
import type { ChangeFeed, FeedStateChange, StoreChange } from '../contracts/store.ts'
import { tell } from './events.ts'
import { KeptCopies } from './kept-copies.ts'
import type { OpenRecord } from './live.ts'

export { COPY_BYTES } from './kept-copies.ts'

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
  /**
   * Answers the copy of a record, if it can be shown now. It may have passed its deadline.
   *
   * @param now monotonic milliseconds, where the caller has just read them
   */
  find(key: string, now?: number): OpenRecord | undefined
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

/** What a passage needs of its cache. */
interface Keeping<Answer> {
  keep(passage: UnderwayPassage<Answer>, opened: OpenRecord): void
  close(passage: UnderwayPassage<Answer>): void
}

class UnderwayPassage<Answer> implements Passage<Answer> {
  readonly key: string
  readonly beganAt: number
  /** Which flush it came after; `undefined` if the feed was not healthy when it began. */
  readonly generation: number | undefined
  /** The newest revision that was told since; infinite if the key was closed. */
  toldRevision = 0
  answer: Promise<Answer> | undefined
  readonly #cache: Keeping<Answer>

  constructor(cache: Keeping<Answer>, key: string, beganAt: number, generation: number | undefined) {
    this.#cache = cache
    this.key = key
    this.beganAt = beganAt
    this.generation = generation
  }

  share(answer: Promise<Answer>): void {
    this.answer = answer
  }

  keep(opened: OpenRecord): void {
    this.#cache.keep(this, opened)
  }

  close(): void {
    this.#cache.close(this)
  }
}

/** Makes a cache over a feed. `hear` is what the feed must be told to call. */
export function createRecordCache<Answer>(
  feed: ChangeFeed & { readonly name: string },
  { maxBytes, maxAge }: CacheLimits,
  monotonic: () => number = () => performance.now(),
): RecordCache<Answer> & { hear(change: StoreChange | FeedStateChange): void } {
  const copies = new KeptCopies(maxBytes)
  /** By key, in the order they began. */
  const underWay = new Map<string, readonly UnderwayPassage<Answer>[]>()
  let generation = 0

  function flush(): void {
    copies.clear()
    generation++
  }

  /** Takes note that a key has reached a revision, or is closed. */
  function note(key: string, revision: number): void {
    const passages = underWay.get(key)
    const copy = copies.get(key)
    if (copy !== undefined && copy.revision < revision) {
      // One that will soon be replaced keeps its seat: a commit hears of itself before it has its answer.
      if (passages === undefined) copies.delete(copy)
      else copies.empty(copy)
    }
    if (passages !== undefined) tellAll(passages, revision)
  }

  function leave(passage: UnderwayPassage<Answer>): boolean {
    const { key } = passage
    const passages = underWay.get(key)
    if (passages === undefined || !passages.includes(passage)) return false
    if (passages.length === 1) underWay.delete(key)
    else underWay.set(key, passages.toSpliced(passages.indexOf(passage), 1))
    return true
  }

  function close(passage: UnderwayPassage<Answer>): void {
    const { key } = passage
    if (!leave(passage) || underWay.has(key)) return
    const copy = copies.get(key)
    if (copy?.isEmpty === true) copies.delete(copy)
  }

  function keep(passage: UnderwayPassage<Answer>, opened: OpenRecord): void {
    const { key, beganAt } = passage
    leave(passage)
    if (passage.generation !== generation || !feed.isFeedHealthy()) return forget(key)
    const { revision } = opened.record
    const others = underWay.get(key)
    if (others !== undefined) tellAll(others, revision)
    const standing = copies.get(key)
    const isOvertaken = passage.toldRevision > revision
    if (!isOvertaken && (standing === undefined || standing.revision <= revision)) {
      copies.put(key, opened, beganAt)
    } else if (standing !== undefined && standing.revision < revision) {
      copies.delete(standing)
    }
  }

  function forget(key: string): void {
    note(key, Number.POSITIVE_INFINITY)
  }

  const keeping: Keeping<Answer> = { keep, close }

  return {
    find: (key, now = monotonic()) => {
      const copy = copies.use(key)
      if (copy === undefined) return undefined
      if (!feed.isFeedHealthy()) {
        flush()
        return undefined
      }
      if (now - copy.takenAt < maxAge) return copies.show(copy)
      copies.delete(copy)
      return undefined
    },
    join: (key) => {
      if (feed.feeds !== 'all' || !feed.isFeedHealthy()) return undefined
      const isOvertaken = (each: UnderwayPassage<Answer>): boolean =>
        each.generation !== generation || each.toldRevision > 0
      return underWay.get(key)?.find((each) => each.answer !== undefined && !isOvertaken(each))?.answer
    },
    begin: (key) => {
      const passage = new UnderwayPassage<Answer>(
        keeping,
        key,
        monotonic(),
        feed.isFeedHealthy() ? generation : undefined,
      )
      const others = underWay.get(key)
      underWay.set(key, others === undefined ? [passage] : [...others, passage])
      return passage
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

function tellAll(passages: readonly UnderwayPassage<unknown>[], revision: number): void {
  for (const each of passages) each.toldRevision = Math.max(each.toldRevision, revision)
}
