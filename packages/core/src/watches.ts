/**
 * Tells long-lived connections when their sessions end or are renewed, on whatever process that happens.
 *
 * The store's feed says so at once. Whatever it does not tell (deadlines that pass, the end of everything) or may not have
 * told (no feed, a feed in doubt) is looked up: at a session's deadline, and every few seconds while nobody vouches.
 */
import type { Clock } from './contracts/clock.ts'
import type { FeedStateChange, LoadResult, StoreChange } from './contracts/store.ts'
import { endingOf, UNKNOWN_ENDING } from './mechanisms/endings.ts'
import type { Generations } from './mechanisms/generations.ts'
import type { GuardedStore } from './mechanisms/guard.ts'
import { endOf } from './mechanisms/lifetime.ts'
import type { Ending, OpenRecord } from './mechanisms/live.ts'
import type { Open } from './mechanisms/open-record.ts'
import { judgeAnswer } from './mechanisms/verdicts.ts'
import type { Warn } from './mechanisms/warner.ts'

/** What has become of a session. After its end nothing more is told. */
export type WatchedChange = { readonly type: 'renewed' } | ({ readonly type: 'ended' } & Ending)

export interface Watches {
  /** Answers a function that ends the watch. */
  add(session: WatchedSession, listener: (change: WatchedChange) => void): () => void
  /** Takes note of what the store's feed tells. */
  hear(change: StoreChange | FeedStateChange): void
  stop(): void
}

export interface WatchesParts {
  readonly store: GuardedStore
  readonly open: Open
  readonly clock: Clock
  readonly generations: Generations
  readonly warn: Warn
  /** Whether every end and renewal so far has been told. */
  readonly isFeedHealthy: () => boolean
}

/** What is known of a session that is to be watched. */
export interface WatchedSession {
  /** Where its record lies. */
  readonly key: string
  /** The generation that it was made under. */
  readonly generation: number | undefined
  /** When it is over if nothing happens, in store time. */
  readonly overAt: number
}

interface Watch {
  session: WatchedSession
  /** When it was last asked for, in monotonic time. */
  askedAt: number
  isAsking: boolean
  readonly listener: (change: WatchedChange) => void
}

/** How often watches are gone through, in milliseconds. */
const BEAT = 1000
/** How often a session is asked for while no feed vouches for it: as long as a copy may be shown. */
const POLL = 5000
/** How many are asked for at once. */
const ASKED_AT_ONCE = 100
/** Nobody renews that often between two looks. */
const LONGEST_CHAIN = 16

/** Answers what is to be known of a session for watching it. */
export function lifeOf(live: OpenRecord): WatchedSession
export function lifeOf(live: OpenRecord | undefined): WatchedSession | undefined
export function lifeOf(live: OpenRecord | undefined): WatchedSession | undefined {
  if (live === undefined) return undefined
  const { record, head, idleUntil } = live
  return { key: record.key, generation: head.generation, overAt: endOf(record, idleUntil) }
}

export function createWatches(parts: WatchesParts, monotonic: () => number = () => performance.now()): Watches {
  const { store, open, clock, generations, warn, isFeedHealthy } = parts
  const byKey = new Map<string, Set<Watch>>()
  let timer: NodeJS.Timeout | undefined
  let isBeating = false

  function place(watch: Watch): void {
    const others = byKey.get(watch.session.key)
    if (others === undefined) byKey.set(watch.session.key, new Set([watch]))
    else others.add(watch)
    timer ??= setInterval(() => void beat(), BEAT).unref()
  }

  /** Answers whether it was there. */
  function remove(watch: Watch): boolean {
    const others = byKey.get(watch.session.key)
    if (others?.delete(watch) !== true) return false
    if (others.size === 0) byKey.delete(watch.session.key)
    if (byKey.size === 0) stop()
    return true
  }

  function stop(): void {
    byKey.clear()
    clearInterval(timer)
    timer = undefined
  }

  /** Has a session asked for at the next beat. */
  function doubt(watch: Watch): void {
    watch.askedAt = Number.NEGATIVE_INFINITY
  }

  function tellOne({ listener }: Watch, change: WatchedChange): void {
    // A feed must not wait for its listeners, nor hear of what they throw.
    queueMicrotask(() => {
      try {
        listener(change)
      } catch (error) {
        warn('WARN_WATCHER_THREW', `A function that watches a session threw, and was not heard: ${String(error)}`)
      }
    })
  }

  function end(watch: Watch, ending: Ending): void {
    if (remove(watch)) tellOne(watch, { type: 'ended', ...ending })
  }

  function move(watch: Watch, successor: string): void {
    if (!remove(watch)) return
    watch.session = { ...watch.session, key: successor }
    doubt(watch)
    place(watch)
    tellOne(watch, { type: 'renewed' })
  }

  async function beat(): Promise<void> {
    if (isBeating) return
    isBeating = true
    try {
      await generations.refresh()?.catch(() => {})
      const due = [...byKey.values()].flatMap((watches) => [...watches]).filter(isDue)
      for (let start = 0; start < due.length; start += ASKED_AT_ONCE) {
        await Promise.all(due.slice(start, start + ASKED_AT_ONCE).map(ask))
      }
    } finally {
      isBeating = false
    }
  }

  function isDue({ session, askedAt }: Watch): boolean {
    if (generations.isPast(session) || clock.now() >= session.overAt) return true
    return askedAt === Number.NEGATIVE_INFINITY || (!isFeedHealthy() && monotonic() - askedAt >= POLL - BEAT)
  }

  /** Asks the store what has become of a session. A failure is nobody's end: it is asked for again. */
  async function ask(watch: Watch): Promise<void> {
    if (watch.isAsking) return
    watch.isAsking = true
    try {
      for (let hop = 0; hop < LONGEST_CHAIN; hop++) {
        const { key } = watch.session
        const askedAt = monotonic()
        const answer = await store.load(key)
        // Unwatched, or moved on by the feed, meanwhile.
        if (byKey.get(key)?.has(watch) !== true) return
        if (answer.outcome !== 'moved') return learn(watch, answer, askedAt)
        move(watch, answer.alias.successor)
      }
    } catch {
      doubt(watch)
    } finally {
      watch.isAsking = false
    }
  }

  /** @throws StoreError `ERR_RECORD_NEWER`, `ERR_KEY_UNKNOWN` */
  function learn(watch: Watch, answer: LoadResult, askedAt: number): void {
    const opened = answer.outcome === 'found' ? open(answer) : undefined
    const judged = judgeAnswer({ ...answer, opened }, clock.now())
    if (!('opened' in judged)) return end(watch, judged.ended ?? UNKNOWN_ENDING)
    watch.session = lifeOf(judged.opened)
    watch.askedAt = askedAt
    if (generations.isPast(watch.session)) end(watch, { reason: 'elsewhere', at: generations.known })
  }

  return {
    add: (session, listener) => {
      const watch: Watch = {
        session,
        // It may have ended between the load of the request and this moment.
        askedAt: Number.NEGATIVE_INFINITY,
        isAsking: false,
        listener,
      }
      place(watch)
      void ask(watch)
      return () => void remove(watch)
    },
    hear: (change) => {
      if (change.type === 'state') {
        for (const watches of byKey.values()) for (const watch of watches) doubt(watch)
        return
      }
      for (const watch of byKey.get(change.key) ?? []) {
        // Its deadline may have changed.
        if (change.type === 'changed') doubt(watch)
        else if (change.type === 'renewed') move(watch, change.successor)
        else end(watch, endingOf({ reason: change.reason, at: clock.now() }))
      }
    },
    stop,
  }
}
