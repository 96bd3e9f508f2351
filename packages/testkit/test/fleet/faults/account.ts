import type { Browser, Page } from '../../../src/index.ts'
import type { Fleet } from '../fleet.ts'
import type { Shown } from '../routes.ts'

export type Act = 'read' | 'write' | 'login' | 'renew' | 'logout'

/** One request, as its user saw it. Times are monotonic milliseconds. */
export interface Answer {
  readonly act: Act
  /** 0 if the connection was lost instead. */
  readonly status: number
  readonly startedAt: number
  readonly duration: number
  /** Which process was asked. */
  readonly turn: number
}

/** A cookie that must lead nowhere any more, by the word of an acknowledged answer. */
export interface Closed {
  readonly cookie: string
  readonly id: string
  readonly closedAt: number
}

/** Where all accounts write down what they saw. */
export interface Journal {
  readonly answers: Answer[]
  /** What must never happen, in words. */
  readonly violations: string[]
  readonly closed: Closed[]
  /** Cookies of sessions that the server had lost. */
  readonly lost: string[]
  /** Sessions that began before this moment may have been lost by the server, with all that was acknowledged. */
  lostBefore: number
}

/**
 * - `out`: has no session
 * - `in`: has one, by the word of an acknowledged answer
 * - `unsure`: a logout or a renewal was answered by an error, so that it may have one or not
 */
type Standing = 'out' | 'in' | 'unsure'

/** How long a copy may outlive its session when the feed is cut: two heartbeats, and what a request takes. */
const STALE = 2_500

/** A user who acts, one request after another, and knows what the answers may be. */
export class Account {
  readonly #fleet: Fleet
  readonly #journal: Journal
  readonly #name: string
  #serial = 0
  browser: Browser
  standing: Standing = 'out'
  /** When the request was sent that the session began with. */
  bornAt = 0
  /** How many increments were acknowledged. */
  low = 0
  /** How many may have been applied. */
  high = 0
  #id = ''

  constructor(fleet: Fleet, journal: Journal, name: string) {
    this.#fleet = fleet
    this.#journal = journal
    this.#name = name
    this.browser = fleet.browser()
  }

  get subject(): string {
    return `${this.#name}.${this.#serial}`
  }

  /** Whether the server may have forgotten the session, or some of what it acknowledged. */
  get mayBeLost(): boolean {
    return this.bornAt <= this.#journal.lostBefore
  }

  async act(act: Exclude<Act, 'login'>, turn: number): Promise<void> {
    if (this.standing === 'out') return this.login(turn)
    if (act === 'read') return this.#read(turn)
    if (act === 'write') return this.#write(turn)
    return act === 'renew' ? this.#renew(turn) : this.#logout(turn)
  }

  async login(turn: number): Promise<void> {
    this.#serial++
    this.browser = this.#fleet.browser()
    const bornAt = performance.now()
    const page = await this.#send('login', turn, `/login?user=${this.subject}`)
    if (page?.status !== 200) return this.#expectRefusal('login', page)
    this.standing = 'in'
    this.bornAt = bornAt
    this.low = this.high = 0
    this.#id = ''
  }

  /** Tries a cookie that was closed: nobody may be let in by it. */
  async intrude({ cookie, id, closedAt }: Closed, turn: number): Promise<void> {
    const isLong = performance.now() - closedAt > STALE
    // Who is still with an old master cannot know what the new one was told. Afterwards it must be over everywhere.
    const mayBeTwo = this.#journal.lostBefore === Number.POSITIVE_INFINITY
    const stranger = this.#fleet.browser()
    stranger.jar.set(...cookiePair(cookie))
    const page = await this.#send('read', turn, '/state', stranger)
    if (page?.status === 200) {
      const shown = page.json<Shown>()
      if (isLong && !mayBeTwo && !shown.isNew && shown.id === id) this.#violate(`a closed session was shown by ${turn}`)
    }
    const written = await this.#send('write', turn, '/increment', stranger)
    if (written?.status === 200 && written.setCookies.length === 0 && !mayBeTwo) {
      this.#violate('a closed session was written to')
    }
  }

  async #read(turn: number): Promise<void> {
    const page = await this.#send('read', turn, '/state')
    if (page?.status !== 200) return this.#expectRefusal('read', page)
    const shown = page.json<Shown>()
    if (shown.isNew) return this.#leave(`${this.standing} was shown an empty session`)
    this.#id = shown.id
    if (shown.subject !== this.subject) this.#violate(`${this.subject} was shown the session of ${shown.subject}`)
    const n = Number(shown.fields['n'] ?? 0)
    if (n > this.high) this.#violate(`${n} increments were applied of ${this.high} sent`)
  }

  async #write(turn: number): Promise<void> {
    const old = this.browser.cookie!
    const page = await this.#send('write', turn, '/increment')
    if (page?.status === 401) return this.#leave('was refused a write')
    this.high++
    if (page?.status !== 200) return this.#expectRefusal('write', page)
    if (page.setCookies.length > 0) return this.#leave('was given another session', old)
    this.low++
    this.standing = 'in'
  }

  async #renew(turn: number): Promise<void> {
    const old = this.browser.cookie!
    const page = await this.#send('renew', turn, '/renew')
    if (page?.status === 401) return this.#leave('was refused a renewal')
    if (page?.status !== 200) {
      this.standing = 'unsure'
      return this.#expectRefusal('renew', page)
    }
    if (page.setCookies.length === 0) return this.#leave('was renewed to nothing', old)
    this.#close(old)
    this.standing = 'in'
  }

  async #logout(turn: number): Promise<void> {
    const old = this.browser.cookie!
    const page = await this.#send('logout', turn, '/logout')
    if (page?.status !== 200) {
      this.standing = 'unsure'
      return this.#expectRefusal('logout', page)
    }
    this.#close(old)
    this.standing = 'out'
  }

  #close(cookie: string): void {
    this.#journal.closed.push({ cookie, id: this.#id, closedAt: performance.now() })
  }

  /** The session is gone; who was sure of it must have been told so before, unless the server lost its data. */
  #leave(what: string, cookie = this.browser.cookie!): void {
    if (this.mayBeLost) {
      // While there may be two masters, what one does not know may be with the other.
      if (this.#journal.lostBefore < Number.POSITIVE_INFINITY) this.#journal.lost.push(cookie)
    } else if (this.standing === 'in') this.#violate(`${this.subject} ${what}`)
    this.standing = 'out'
  }

  #expectRefusal(act: Act, page: Page | undefined): void {
    if (page !== undefined && page.status !== 503) this.#violate(`${act} was answered ${page.status}: ${page.body}`)
  }

  #violate(what: string): void {
    this.#journal.violations.push(what)
  }

  async #send(act: Act, turn: number, path: string, browser = this.browser): Promise<Page | undefined> {
    const startedAt = performance.now()
    let status = 0
    try {
      const method = act === 'read' ? 'GET' : 'POST'
      const url = this.#fleet.url(turn)
      const page = await browser.send({ method, path, url })
      status = page.status
      return page
    } catch (error) {
      this.#violate(`${act} was not answered: ${String(error)}`)
      return undefined
    } finally {
      const duration = performance.now() - startedAt
      this.#journal.answers.push({ act, status, startedAt, duration, turn })
    }
  }
}

function cookiePair(cookie: string): [name: string, value: string] {
  const [name = '', value = ''] = cookie.split('=')
  return [name, value]
}
