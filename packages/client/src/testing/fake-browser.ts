import type { ActivityListener, Page, PageChannel } from '../page.ts'
import type { SessionEnding, SessionStatus } from '../session-status.ts'
import { watchOn } from '../watch-session.ts'
import type { SessionWatch, WatchOptions } from '../watch-options.ts'

export const SECOND: number = 1000
export const MINUTE: number = 60 * SECOND

/** A server with one session, on the clock of the tests, and the tabs of a browser that look at it. */
export class FakeBrowser {
  readonly idleTimeout: number = 10 * MINUTE
  endsAt: number = Date.now() + this.idleTimeout
  absoluteEndsAt: number = Date.now() + 60 * MINUTE
  ending: SessionEnding | null = null
  /** What answers instead of the server, if anything. */
  fault: (() => { readonly ok: boolean; json(): Promise<unknown> }) | undefined
  /** Methods of the requests so far. */
  requests: string[] = []
  readonly #channels = new Set<FakeChannel>()

  /** Uses the session as an ordinary request of a page does. */
  use(): void {
    this.endsAt = Math.min(Date.now() + this.idleTimeout, this.absoluteEndsAt)
  }

  signIn(): void {
    this.ending = null
    this.absoluteEndsAt = Date.now() + 60 * MINUTE
    this.use()
  }

  end(reason: string): void {
    this.ending = { reason, at: Date.now() }
    this.endsAt = 0
  }

  /** Methods of the requests since this was called last. */
  newRequests(): string[] {
    return this.requests.splice(0)
  }

  openTab(options: Partial<WatchOptions> = {}): Tab {
    return new Tab(this, this.#channels, options)
  }

  answer(method: string): { readonly ok: boolean; json(): Promise<unknown> } {
    this.requests.push(method)
    if (this.fault) return this.fault()
    const now = Date.now()
    if (method === 'POST' && now < this.endsAt) this.use()
    const isSignedIn = now < this.endsAt
    const status: SessionStatus = {
      isSignedIn,
      isSuspended: false,
      level: isSignedIn ? 1 : 0,
      expiresIn: isSignedIn ? this.endsAt - now : null,
      absoluteExpiresIn: isSignedIn ? this.absoluteEndsAt - now : null,
      endedBecause: isSignedIn ? null : (this.ending ?? { reason: 'idle', at: this.endsAt }),
    }
    return { ok: true, json: async () => status }
  }
}

/** One page that watches, with what it was told. */
export class Tab {
  readonly told: string[] = []
  readonly watch: SessionWatch
  isHidden = false
  readonly listeners: Map<string, ActivityListener> = new Map()

  constructor(browser: FakeBrowser, channels: Set<FakeChannel>, options: Partial<WatchOptions>) {
    const { told, listeners } = this
    const isHidden = (): boolean => this.isHidden
    const page: Page = {
      fetch: async (_url, { method }) => browser.answer(method),
      document: {
        get hidden() {
          return isHidden()
        },
        addEventListener: (type, listener) => void listeners.set(type, listener),
        removeEventListener: (type) => void listeners.delete(type),
      },
      BroadcastChannel: class extends FakeChannel {
        constructor(name: string) {
          super(name, channels)
        }
      },
    }
    this.watch = watchOn(page, {
      statusUrl: '/session',
      onWarning: ({ left, canExtend }) => told.push(`warning ${left / SECOND} s${canExtend ? '' : ', final'}`),
      onResume: () => told.push('resume'),
      onEnd: (ending) => told.push(`end ${ending?.reason}`),
      ...options,
    })
  }

  /** What the page was told since this was called last. */
  newlyTold(): string[] {
    return this.told.splice(0)
  }

  act(type = 'keydown', isTrusted = true): void {
    this.listeners.get(type)?.({ isTrusted })
  }
}

class FakeChannel implements PageChannel {
  onmessage: PageChannel['onmessage'] = null
  readonly #name: string
  readonly #all: Set<FakeChannel>

  constructor(name: string, all: Set<FakeChannel>) {
    this.#name = name
    this.#all = all
    all.add(this)
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message)
    for (const other of this.#all) {
      if (other !== this && other.#name === this.#name) queueMicrotask(() => other.onmessage?.({ data }))
    }
  }

  close(): void {
    this.#all.delete(this)
  }
}
