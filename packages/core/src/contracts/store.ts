/**
 * The contract between the engine and what keeps its records: a guide for authors of stores.
 *
 * A store is dumb. It compares revisions and deadlines, and never looks into a body. It offers six verbs. Everything
 * that can be expected is an *answer*; a thrown error always means that the store is broken, and becomes a
 * `StoreError` with `cause`.
 *
 * Three rules hold for all verbs:
 *
 * - **Every answer but `touch`'s echoes the key it is about**, plain acknowledgements too. The engine compares it:
 *   an answer that belongs to another call never reaches a user.
 * - **The same call with the same commit id gets the same answer.** A record carries its last four commit ids (the
 *   engine has put the call's own first), an alias or tombstone the one that made it; a write that finds its own id
 *   changes nothing and acknowledges.
 * - **Past its deadline a record is over for every writing verb**, by the store's own clock: `update` and `renew`
 *   answer `absent`, `touch` leaves it alone. It is kept 60 s longer so that `load` can still show it.
 *
 * Prove a store with `storeConformance` of `@holdfast/conformance`.
 */
import type { Clock } from './clock.ts'
import type { Alias, OfferedRecord, SessionRecord, Tombstone } from './record.ts'

/** What comes with every call. */
export interface StoreCall {
  /** Fires when the engine no longer waits for the answer. It never tells of the client's going away. */
  readonly signal: AbortSignal
}

/** What comes with every call that writes, but for `touch`. */
export interface WriteCall extends StoreCall {
  /** Names one fixed change, 11 characters of base64url. A retry carries the same id. */
  readonly commitId: string
}

/** A live or lately expired record, and until when it may go unused as last touched. */
export interface Found {
  readonly key: string
  readonly record: SessionRecord
  readonly idleUntil: number
}

/** The key's session was renewed and lies elsewhere now. */
export interface Moved {
  readonly outcome: 'moved'
  readonly key: string
  readonly alias: Alias
}

/** The key's session has ended. */
export interface Ended {
  readonly outcome: 'ended'
  readonly key: string
  readonly tombstone: Tombstone
}

/** Nothing lies under the key, or only what has passed its deadline. */
export interface Absent {
  readonly outcome: 'absent'
  readonly key: string
}

/** The key is in use. */
export interface Exists {
  readonly outcome: 'exists'
  readonly key: string
}

/** The record has another revision than the caller expected; here is the current one. */
export interface Conflict extends Found {
  readonly outcome: 'conflict'
}

export type LoadResult = (Found & { readonly outcome: 'found' }) | Moved | Ended | Absent
export type CreateResult = { readonly outcome: 'created'; readonly key: string } | Exists | Ended
export type UpdateResult = { readonly outcome: 'updated'; readonly key: string } | Conflict | Moved | Ended | Absent
export type RenewResult =
  | { readonly outcome: 'renewed'; readonly key: string }
  | Conflict
  | Moved
  | Ended
  | Absent
  | Exists
export type EndResult = { readonly outcome: 'ended'; readonly key: string } | Absent

/** Asks that a record may go unused until `idleUntil`. */
export interface Touch {
  readonly key: string
  readonly idleUntil: number
  /**
   * The idle length that the deadline was reckoned with. A record that has another one by now is left alone: the touch
   * comes from a request that does not know of the change yet. Absent: whatever its length.
   */
  readonly idleTimeout?: number
}

/** Asks that a session goes on under another key. */
export interface Renewal {
  /** The old key. */
  readonly key: string
  /** The revision that the record under the old key must have. */
  readonly expected: number
  /** The record as it goes on; its `key` is the new one. */
  readonly record: OfferedRecord
  /** What is left under the old key; its `successor` is the new one. */
  readonly alias: Alias
}

/** Facts about a store, for people and suites. They never switch behaviour of the engine. */
export interface StoreCapabilities {
  /** Several processes see the same records. */
  readonly isShared: boolean
  /** Records outlive the process. */
  readonly isDurable: boolean
}

/** Keeps records. See the guide at the head of this file. */
export interface SessionStore {
  /** Appears in events and errors, such as `'memory'`. */
  readonly name: string
  readonly capabilities: StoreCapabilities

  /**
   * Answers what lies under the key.
   *
   * - A record, also for 60 s past its end: `found`, with the idle deadline as last touched.
   * - An alias: `moved`, whatever its grace. A tombstone: `ended`. Otherwise `absent`.
   */
  load(key: string, call: StoreCall): Promise<LoadResult>

  /**
   * Keeps a new record with the idle deadline it offers.
   *
   * - The key is free: `created`. A tombstone lies there: `ended`. Anything else lies there, even a record past its
   *   end: `exists`. Nothing is ever overwritten.
   */
  create(record: OfferedRecord, call: WriteCall): Promise<CreateResult>

  /**
   * Replaces the record under `record.key` if it still has the revision `expected`.
   *
   * - `updated`: the new record lies there. The later of the kept and the offered idle deadline counts, unless the
   *   record's `idleTimeout` changed: then the offered one does. Neither is kept past the record's absolute end.
   * - `conflict` with the current record; `moved`, `ended` or `absent` as `load` would say, `absent` also past a
   *   deadline. Nothing is changed, and nothing is ever created.
   */
  update(record: OfferedRecord, expected: number, call: WriteCall): Promise<UpdateResult>

  /**
   * Moves idle deadlines later, in one batch. Never earlier, never past the absolute end, never on anything but a
   * live record whose idle length is still the one that the touch knows. Carries no payload and changes no revision. Its answer proves nothing.
   */
  touch(touches: readonly Touch[], call: StoreCall): Promise<void>

  /**
   * Moves a session to a new key: the record under it, the alias under the old one. At any crash point exactly one
   * of both keys is valid.
   *
   * - `renewed` echoes the *old* key, as does every answer. The offered idle deadline counts as in `update`.
   * - `exists`: the new key is in use. The others as in `update`.
   * - Where that takes several steps: first the new key joins the index of the subject, then the new record is made, then
   *   the old key becomes the alias if its record still has the revision `expected`, then the old key leaves the index.
   *   A crash in between may leave a new record that nobody has the token of: it ends by itself.
   */
  renew(renewal: Renewal, call: WriteCall): Promise<RenewResult>

  /**
   * Ends whatever lies under the key, and leaves the tombstone there for 60 s even where nothing was.
   *
   * - A live record: `ended`. An alias: the successor is ended first, then the old key; `ended` if the successor
   *   lived. Nothing, a tombstone (which stays), or a record past its end: `absent`.
   */
  end(key: string, tombstone: Tombstone, call: WriteCall): Promise<EndResult>
}

/**
 * Optional power: finds the sessions of a subject. The index never misses a live session; it may hold dead ones.
 *
 * Limits need no more of a store: the engine counts what is listed, and serializes logins of one subject by comparing
 * revisions of a record of its own, without subject, under a key that no token leads to.
 */
export interface SubjectIndex {
  /**
   * Answers live records only, the oldest first, at most `limit`, beginning after the cursor `after`.
   *
   * A session that is renewed while it is being listed is there, under its old or its new key: a listing in several
   * steps follows an alias where it expected a record.
   */
  listSubject(subject: string, page: SubjectPage, call: StoreCall): Promise<SubjectListing>
}

export interface SubjectPage {
  readonly limit: number
  readonly after?: string | undefined
}

export interface SubjectListing {
  readonly sessions: readonly Found[]
  /** The cursor of the next page; `undefined` on the last one. */
  readonly next: string | undefined
}

/**
 * How far a feed can be trusted:
 *
 * - `'coherent'`: every change since it said so has been told, or is about to be.
 * - `'suspect'`: a change may have gone untold (a gap in the sequence, a heartbeat that is late).
 * - `'detached'`: the feed has lost its connection, or has not heard of itself for two heartbeats.
 */
export type FeedState = 'coherent' | 'suspect' | 'detached'

/** A change of a feed's state. What is known about any key, and what is on its way, is in doubt from here on. */
export interface FeedStateChange {
  readonly type: 'state'
  readonly state: FeedState
}

/** One fact that a change feed tells. `revision` is that of the record after the change. */
export type StoreChange =
  | { readonly type: 'changed'; readonly key: string; readonly revision: number }
  | { readonly type: 'renewed'; readonly key: string; readonly successor: string }
  | { readonly type: 'ended'; readonly key: string; readonly reason: string; readonly id: string | undefined }

/** Optional power: tells of changes that any process made. */
export interface ChangeFeed {
  /** `'all'`: every create, update, renewal and end. `'ends'`: renewals and ends only. Touches are never told. */
  readonly feeds: 'all' | 'ends'
  /**
   * Answers a function that ends the subscription. States are told in order with the changes. The listener must not
   * throw and must not wait.
   */
  subscribe(listener: (change: StoreChange | FeedStateChange) => void): () => void
  /**
   * Whether every change so far has certainly been told: the state is `'coherent'`, and the latest heartbeat is not
   * late. A feed that becomes unhealthy tells its state before it is healthy again.
   */
  isFeedHealthy(): boolean
}

/** Asks that the grace of what a renewal left under an old key ends at `until`, or now if that has passed. */
export interface Trim {
  readonly key: string
  readonly until: number
}

/**
 * Optional power: forgets aliases sooner than their grace says. Without it they stay until the session's absolute end,
 * which costs room and nothing else; the engine never relies on it.
 */
export interface Trimmable {
  /**
   * Lets aliases go sooner, in one batch: 60 s after the end of the grace that is asked for, so that no late write finds
   * the key free. Never later than before, and never anything but an alias. Its answer proves nothing.
   */
  trim(trims: readonly Trim[], call: StoreCall): Promise<void>
}

/**
 * Optional power: one number for all sessions, by which all of them can be ended at once. A record tells, in its body,
 * the generation that it was made under; the engine refuses it once the store has a greater one.
 */
export interface Generational {
  /** Answers the generation, 0 where it was never raised. It is asked about once a second and must not lag. */
  generation(call: StoreCall): Promise<number>
  /**
   * Raises the generation to a whole number (epoch milliseconds), unless it is as great already, in one step. Answers
   * what it is then. It is kept for as long as the store itself.
   */
  raiseGeneration(to: number, call: StoreCall): Promise<number>
}

/** A step of a count. */
export interface LiveCount {
  readonly count: number
  /** The cursor of the next step; `undefined` after the last one. */
  readonly next: string | undefined
}

/**
 * Optional power: counts live records by what their bodies begin with, for people who look after a store. No request
 * asks for it, so it may read many records; it answers in steps, each short enough for a deadline.
 */
export interface Countable {
  /**
   * Counts live records whose body begins with those bytes, of those that were offered with them as `countedBy`, from
   * the cursor `after` on. A record that lives from the first step to the last, under the same key, is counted once.
   */
  countLive(beginning: Uint8Array, after: string | undefined, call: StoreCall): Promise<LiveCount>
}

/** Optional power: removes what is past its end. Removal is hygiene; the engine never relies on it. */
export interface Sweepable {
  /** Answers how many entries were removed. */
  sweep(call: StoreCall): Promise<number>
}

/** Optional power: a cheap proof that the store answers, for boot and health checks. */
export interface Pingable {
  ping(call: StoreCall): Promise<void>
}

/** Optional power: lets go of what the store itself opened; never of a client that the user handed in. */
export interface Closable {
  close(): Promise<void>
}

/** Optional power: the clock that the store's deadlines run on. An engine without a clock of its own adopts it. */
export interface Clocked {
  readonly clock: Clock
}

/** Optional: where its records lie, apart from those of other stores on the same server. Seals are bound to it. */
export interface Prefixed {
  readonly prefix: string
}

/** Optional power: drops its connections, because an answer came that belongs to another question. */
export interface Resettable {
  reset(reason: Error): void
}

/** Any store, with whatever optional powers it has. They are found by presence. */
export type AnyStore = SessionStore &
  Partial<
    SubjectIndex &
      ChangeFeed &
      Trimmable &
      Generational &
      Sweepable &
      Pingable &
      Closable &
      Clocked &
      Resettable &
      Prefixed &
      Countable
  >
