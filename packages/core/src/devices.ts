/** What programs and users do with the sessions of a subject: see them, end them, and be told of their ends. */
import { inspect } from 'node:util'

import { LRUCache } from 'lru-cache'

import { AuthError, OptionsError, UsageError } from './contracts/errors.ts'
import type { AnyStore } from './contracts/store.ts'
import type { Generations } from './mechanisms/generations.ts'
import type { Live } from './mechanisms/live.ts'
import { isGenerational, isSubjectIndex } from './mechanisms/powers.ts'
import type { Clock } from './contracts/clock.ts'
import type { SessionData } from './register.ts'
import { type Session, requestSessionOf } from './session.ts'
import { checkSubject } from './subject-name.ts'
import type { SubjectSession, SubjectSessions } from './subject-sessions.ts'
import { type WatchedChange, type WatchedSession, type Watches, lifeOf } from './watches.ts'

/** One session in the list of its subject. It opens nothing, and tells nothing that does. */
export interface ListedSession {
  /** The public name, by which `sessions.end` finds it. */
  readonly id: string
  /** What `devices.describeAgent` called the client at the latest sign-in or renewal. */
  readonly agent: string | undefined
  /** The network that the client came from then, such as `'203.0.113.0/24'`. */
  readonly address: string | undefined
  /** When the session began, in epoch milliseconds. */
  readonly firstSeenAt: number
  /** When it was last used, in epoch milliseconds: exact to a tenth of the idle timeout. */
  readonly lastSeenAt: number
  /** Whether the client keeps it over a restart ("remember me"). */
  readonly isRemembered: boolean
  /** Whether it is the session that was named as the current one. */
  readonly isCurrent: boolean
  /**
   * Whether this process could read the session. `false`: the key that sealed it is missing here, or a newer version has
   * written it. Then `agent` and `address` are `undefined`, the rest is what its header says, which no seal has vouched
   * for. It can be ended like any other.
   */
  readonly isReadable: boolean
}

/** A page of a list. */
export interface SessionList {
  readonly sessions: readonly ListedSession[]
  /** The cursor of the next page; `undefined` on the last one. */
  readonly next: string | undefined
}

/** Which page of a list. */
export interface ListOptions {
  /** How many at most, up to 1000. A page may hold fewer although another one follows. @default 100 */
  readonly limit?: number
  /** The `next` of the page before. */
  readonly after?: string | undefined
  /** The session of who asks. */
  readonly current?: { readonly id: string } | undefined
}

/** The part of an engine that is about the sessions of a subject. */
export interface Devices<Data extends object = SessionData> {
  /**
   * Lists the live sessions of a subject, the oldest first. One that this process cannot read is listed as such
   * (`isReadable`) and told as `holdfast:unopened`; one that nobody can read any more is told, and left out.
   *
   * @throws StoreError, UsageError `ERR_POWER_MISSING`, OptionsError `ERR_OPTIONS` if `subject` can name nobody
   * @see ASVS 7.5.2
   */
  list(subject: string, options?: ListOptions): Promise<SessionList>

  /**
   * Ends one session of a subject. Answers whether it lived; the id of somebody else's session ends nothing. Its next
   * request is told: `session.endedBecause` is `'elsewhere'`. Nothing is opened for that which this process cannot read:
   * neither a missing key nor a newer version keeps a session from being ended, here and by the two below.
   *
   * @throws StoreError, UsageError `ERR_POWER_MISSING`, OptionsError `ERR_OPTIONS` if `subject` can name nobody
   */
  end(subject: string, id: string): Promise<boolean>

  /**
   * Ends all sessions of the subject of a session but that one, and renews it. Answers how many lived.
   *
   * @throws AuthError `ERR_AUTH_REQUIRED` if nobody has signed in, StoreError, UsageError `ERR_POWER_MISSING`,
   *   `ERR_RESPONSE_STARTED`
   * @see ASVS 7.4.3
   */
  endOthers(session: Session<Data>): Promise<number>

  /**
   * Ends all sessions of a subject. Answers how many lived.
   *
   * @throws StoreError, UsageError `ERR_POWER_MISSING`, OptionsError `ERR_OPTIONS` if `subject` can name nobody
   */
  endAll(subject: string): Promise<number>

  /**
   * Ends all sessions of everybody, by one write. Other processes know within two seconds.
   *
   * @throws StoreError, UsageError `ERR_POWER_MISSING`
   * @see ASVS 7.4.5
   */
  endEverything(): Promise<void>

  /**
   * Tells a long-lived connection when its session is renewed or ends, on any process. After the end nothing more is
   * told. Answers a function that ends the watch: call it when the connection closes.
   *
   * @param session the handle, or the `session.id` that a request of this process has asked for
   * @throws UsageError `ERR_NOT_WATCHABLE` where nothing is known of such a session
   */
  watch(session: Session<Data> | string, onEnd: (change: WatchedChange) => void): () => void
}

export interface DevicesParts {
  readonly store: AnyStore
  readonly subjects: SubjectSessions
  readonly generations: Generations
  readonly watches: Watches
  readonly clock: Clock
  readonly named: NamedSessions
}

/** The sessions whose public names requests of this process have asked for. */
export interface NamedSessions {
  note(live: Live): void
  find(id: string): WatchedSession | undefined
}

const NAMED = 10_000
const MOST_LISTED = 1000
const USUALLY_LISTED = 100

export function createNamedSessions(): NamedSessions {
  const known = new LRUCache<string, WatchedSession>({ max: NAMED })
  return { note: (live) => void known.set(live.record.id, lifeOf(live)), find: (id) => known.get(id) }
}

export function createDevices<Data extends object>(parts: DevicesParts): Devices<Data> {
  const { store, subjects, generations, watches, clock, named } = parts

  function needIndex(callee: string): void {
    if (!isSubjectIndex(store)) throw missing(callee, store.name, 'SubjectIndex')
  }

  return {
    list: async (subject, options = {}) => {
      needIndex('sessions.list()')
      checkSubject('sessions.list()', subject)
      const { limit, after } = readPage(options)
      const current = options.current?.id
      const { sessions, next } = await subjects.page(subject, { limit, after })
      const now = clock.now()
      return { sessions: sessions.filter(isFirstOfName).map((one) => listed(one, current, now)), next }
    },

    end: async (subject, id) => {
      needIndex('sessions.end()')
      checkSubject('sessions.end()', subject)
      const ended = await subjects.endEach(subject, (one) => one === id, 'elsewhere')
      return ended.size > 0
    },

    endOthers: async (session) => {
      needIndex('sessions.endOthers()')
      const { subject, id } = session
      if (subject === undefined) {
        throw new AuthError('ERR_AUTH_REQUIRED', { missing: ['login'], level: 1, within: undefined })
      }
      session.renew()
      return (await subjects.endEach(subject, (one) => one !== id, 'elsewhere')).size
    },

    endAll: async (subject) => {
      needIndex('sessions.endAll()')
      checkSubject('sessions.endAll()', subject)
      return (await subjects.endEach(subject, () => true, 'elsewhere')).size
    },

    endEverything: async () => {
      if (!isGenerational(store)) throw missing('sessions.endEverything()', store.name, 'Generational')
      await generations.raise()
    },

    watch: (session, onEnd) => {
      const watched =
        typeof session === 'string' ? named.find(session) : lifeOf(requestSessionOf(session as Session<never>).live)
      if (watched !== undefined) return watches.add(watched, onEnd)
      throw new UsageError(
        'ERR_NOT_WATCHABLE',
        '`sessions.watch()` was given nothing that is saved: a session that is new, or an id that no request of this ' +
          'process has asked for. Give it the handle of the request, after its commit.',
      )
    },
  }
}

function missing(callee: string, store: string, power: string): UsageError {
  return new UsageError(
    'ERR_POWER_MISSING',
    `\`${callee}\` needs what the store \`${store}\` cannot do. Nothing was ended. Give it the optional power \`${power}\`, ` +
      'or use another store.',
  )
}

function readPage({ limit = USUALLY_LISTED, after, ...rest }: ListOptions): {
  limit: number
  after: string | undefined
} {
  const problems = Object.keys(rest)
    .filter((name) => name !== 'current')
    .map((path) => ({ path, message: 'there is no such option. There are limit, after, current.' }))
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LISTED) {
    problems.push({ path: 'limit', message: `${inspect(limit)} is no whole number from 1 to ${MOST_LISTED}.` })
  }
  if (problems.length > 0) throw new OptionsError('sessions.list()', problems)
  return { limit, after }
}

/** While a session is renewed, it may be listed under both keys. */
function isFirstOfName({ record }: SubjectSession, index: number, all: readonly SubjectSession[]): boolean {
  return all.findIndex((other) => other.record.id === record.id) === index
}

function listed({ record, head, idleUntil }: SubjectSession, current: string | undefined, now: number): ListedSession {
  const { id, createdAt, idleTimeout, persistent } = record
  return {
    id,
    agent: head?.agent,
    address: head?.address,
    firstSeenAt: createdAt,
    lastSeenAt: Math.min(now, Math.max(createdAt, idleUntil - idleTimeout)),
    isRemembered: persistent,
    isCurrent: id === current,
    isReadable: head !== undefined,
  }
}
