import { type MountOptions, type Session, type Sessions, type SessionsOptions, createSessions } from '@holdfast/core'

import { Browser } from './browser.ts'
import type { Answer, BindingRoute, BindingVisit, Fields, Serve } from './routes.ts'
import { StagedStore } from './staged-store.ts'

/** A handler of the suite: it gets the session with its type. */
export type Handle = (session: Session<Fields>, visit: BindingVisit) => Answer | Promise<Answer>

export interface TrialRoute {
  readonly handle: Handle
  readonly mount?: MountOptions
}

/** Handlers by method and path, such as `'POST /cart'`. A bare function is one that is not mounted again. */
export type TrialRoutes = Readonly<Record<`${'GET' | 'POST'} /${string}`, Handle | TrialRoute>>

export interface TrialOptions {
  readonly sessions?: Omit<SessionsOptions, 'store' | 'clock'>
  readonly mount?: MountOptions
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the application believes what a proxy tells. @default true */
  readonly isProxyTrusted?: boolean
}

/** How often a case asks for another page before it believes that an answer is really kept back. */
const ROUND_TRIPS = 3

/** Long enough for a slow machine; no case waits for it unless it says so. Sessions live to the millisecond, and keep their tokens. */
const PATIENT: Omit<SessionsOptions, 'store' | 'clock'> = {
  storeDeadline: '10s',
  commitDeadline: '20s',
  idleTimeout: '30m',
  absoluteTimeout: '8h',
  jitter: 0,
  renewEvery: false,
}

/** One application with the binding under test, during one case. */
export class BindingTrial {
  readonly store: StagedStore
  /** What reached the framework's error handling. */
  readonly errors: unknown[] = []
  readonly #serve: Serve
  readonly #closers: (() => unknown)[] = []
  #now = Date.UTC(2030, 0, 1)
  #sessions: Sessions<Fields> | undefined
  #url = ''

  constructor(serve: Serve) {
    this.#serve = serve
    this.store = new StagedStore({ now: () => this.#now })
  }

  /** Lets the time pass by which sessions live. */
  advance(ms: number): void {
    this.#now += ms
  }

  get sessions(): Sessions<Fields> {
    if (this.#sessions === undefined) throw new Error('The application is not served yet.')
    return this.#sessions
  }

  /** Serves the routes and `GET /other`, which never looks at its session. Answers a client. */
  async serve(routes: TrialRoutes, options: TrialOptions = {}): Promise<Browser> {
    const { sessions = {}, mount = {}, headers = {}, isProxyTrusted = true } = options
    this.#sessions = createSessions<Fields>({ ...PATIENT, ...sessions, store: this.store })
    const other: BindingRoute = { method: 'GET', path: '/other', handle: () => ({ type: 'text', body: 'other' }) }
    const list = [...Object.entries(routes).map(([name, route]) => describeRoute(name, route)), other]
    const onError = (error: unknown): void => void this.errors.push(error)
    const { url, close } = await this.#serve({ isProxyTrusted, mount, list, onError }, this.#sessions)
    this.#closers.push(close)
    this.#url = url
    return this.browser(headers)
  }

  /** Another client, with no cookies. */
  browser(headers: Readonly<Record<string, string>> = {}, connections?: number): Browser {
    const browser = new Browser(this.#url, headers, connections)
    this.#closers.unshift(() => browser.close())
    return browser
  }

  /** Resolves when whatever the application has sent so far has certainly arrived. */
  async settle(): Promise<void> {
    const browser = this.browser()
    for (let trip = 0; trip < ROUND_TRIPS; trip += 1) await browser.get('/other')
  }

  /** Answers the session that a client's cookie leads to, by a request of its own. */
  async sessionOf(browser: Browser): Promise<Session<Fields>> {
    const { cookie } = browser
    return this.sessions.open({ secure: false, header: (name) => (name === 'cookie' ? cookie : undefined) })
  }

  async close(): Promise<void> {
    this.store.heal()
    for (const close of this.#closers) await close()
    await this.#sessions?.close()
  }
}

function describeRoute(name: string, route: Handle | TrialRoute): BindingRoute {
  const [method, path] = name.split(' ') as ['GET' | 'POST', string]
  const { handle, mount }: TrialRoute = typeof route === 'function' ? { handle: route } : route
  return {
    method,
    path,
    handle: (visit) => handle(visit.session as Session<Fields>, visit),
    ...(mount !== undefined && { mount }),
  }
}
