/**
 * What every contender offers, so that all of them can be asked the same.
 *
 * - `POST /login/:user/:size` signs in, and keeps the fields of `fieldsOf(user, size)` in a new session.
 * - `GET /none` answers without looking at the session.
 * - `GET /read` answers who it is, from the session.
 * - `POST /write` counts one of the session's fields up, and answers like `/read`.
 * - `POST /logout` ends the session.
 *
 * All answer an {@link Answer} as JSON. Cookies are not `Secure` for any of them: loads come over plain http.
 */
import type { Server } from 'node:http'

/** The body of every response. `user` is `null` where nobody is signed in. */
export interface Answer {
  readonly user: string | null
  readonly visits: number
}

export const NOBODY: Answer = { user: null, visits: 0 }

/** What a contender may use. */
export interface Surroundings {
  /** Where it keeps records, if it can choose. */
  readonly store: StoreKind
  readonly redisUrl: string
  readonly postgresUrl: string
}

export type StoreKind = 'none' | 'cookie' | 'memory' | 'redis' | 'redis-uncached' | 'redis-sealed' | 'postgres'

/** What the module of a contender exports. */
export interface ContenderModule {
  /** Answers a server that listens on the loopback interface. */
  start(surroundings: Surroundings): Promise<Server>
}

export const SECRET = 'a secret that only benchmarks may use, and long'

export const ONE_DAY: number = 24 * 60 * 60 * 1000
