/** Sets up what a promise is tried on: engines over one store, a site for each, and browsers. */
import { hash } from 'node:crypto'

import {
  type AnyStore,
  type Found,
  type Session,
  type Sessions,
  type SessionsOptions,
  createSessions,
  memoryStore,
} from '@holdfast/core'

import { Browser, type FaultyStore, connections, faultyStore } from '../../src/index.ts'
import { type Data, type Route, type Serve, type Site, type SiteOptions, type Visit, json } from '../frameworks/site.ts'

export interface StageOptions extends SiteOptions {
  readonly routes: readonly Route[]
  /** How many processes serve the site, each with an engine of its own over the one store. @default 1 */
  readonly processes?: number
  readonly engine?: Omit<SessionsOptions, 'store'>
  /** What keeps the records, below the faulty store. */
  readonly inner?: AnyStore
}

export interface Stage {
  readonly faulty: FaultyStore
  readonly sites: readonly Site[]
  readonly engines: readonly Sessions<Data>[]
  /** Makes a browser that knows no cookie yet, and turns to the process of that number. @default 0 */
  browser(turn?: number): Browser
  /** The process that serves the request with this number: they take turns. */
  site(turn: number): Site
  /** Answers the code with which a request failed. */
  errorAt(path: string): string | undefined
  /** Asks the store, past all engines, for the sessions that a user has. */
  sessionsOf(subject: string): Promise<readonly Found[]>
}

/** Runs a trial on a stage, and takes the stage down whatever comes of it. */
export async function onStage(
  serve: Serve,
  options: StageOptions,
  trial: (stage: Stage) => Promise<void>,
): Promise<void> {
  const { routes, processes = 1, engine = {}, certificate } = options
  const inner = options.inner ?? memoryStore(engine.clock === undefined ? {} : { clock: engine.clock })
  const faulty = faultyStore(inner)
  const engines = Array.from({ length: processes }, () => createSessions<Data>({ ...engine, store: faulty.store }))
  const siteOptions = certificate === undefined ? {} : { certificate }
  const sites = await Promise.all(engines.map((sessions) => serve([...COMMON, ...routes], sessions, siteOptions)))
  const shared = connections(certificate?.cert)
  try {
    await trial({
      faulty,
      sites,
      engines,
      browser: (turn = 0) => new Browser(sites[turn % sites.length]!.url, shared),
      site: (turn) => sites[turn % sites.length]!,
      errorAt: (path) => sites.flatMap(({ errors }) => errors).find(({ url }) => url === path)?.code,
      sessionsOf: async (subject) => {
        const { signal } = new AbortController()
        const listing = await inner.listSubject?.(subject, { limit: 10 }, { signal })
        return listing!.sessions
      },
    })
  } finally {
    shared.close()
    await Promise.all(sites.map((site) => site.close()))
    await Promise.all(engines.map((sessions) => sessions.close()))
  }
}

/** Answers all that a session shows of itself. */
export interface State {
  readonly isNew: boolean
  readonly subject: string | null
  readonly revision: number
  readonly fields: Partial<Data>
}

export function stateOf(session: Session<Data>): State {
  const fields = Object.fromEntries(session.keys().map((name) => [name, session.get(name)]))
  return { isNew: session.isNew, subject: session.subject ?? null, revision: session.revision, fields }
}

/** Answers the key under which the record of a browser's session lies. */
export function keyOf(cookie: string): string {
  const token = cookie.slice(cookie.indexOf('=') + 1)
  return hash('sha256', token, 'buffer').toString('base64url', 0, 16)
}

/** A route that changes the session and says where the visitor stands. */
export function post(path: string, change: (visit: Visit) => void | Promise<void>): Route {
  const handle = async (visit: Visit): Promise<ReturnType<typeof json>> => {
    await change(visit)
    return json({ done: path })
  }
  return { method: 'POST', path, handle }
}

/** What every site of these tests has. */
const COMMON: readonly Route[] = [
  { method: 'GET', path: '/state', handle: ({ session }) => json(stateOf(session)) },
  { method: 'GET', path: '/plain', handle: () => ({ type: 'text', value: 'nobody asked for a session' }) },
  post('/begin', ({ session }) => session.set('n', 0)),
  post('/login', ({ session, query }) => session.login(query['user']!)),
]
