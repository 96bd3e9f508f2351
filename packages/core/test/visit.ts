/** What the tests of the engine visit it with: requests without HTTP, a clock that stands still, and events. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import type { Clock, EventName, Exchange, HoldfastEvents, OpenOptions, Session, Sessions } from '../src/index.ts'

/** One request and its response, seen from the engine. */
export class Visit implements Exchange {
  secure = false
  started = false
  readonly carrier: this = this
  readonly headers: (readonly [string, string])[] = []
  readonly #requestHeaders: Readonly<Record<string, string | undefined>>

  constructor(cookie?: string, headers: Readonly<Record<string, string>> = {}) {
    this.#requestHeaders = { cookie, ...headers }
  }

  header(name: string): string | undefined {
    return this.#requestHeaders[name]
  }

  appendHeader(name: string, value: string): void {
    this.headers.push([name.toLowerCase(), value])
  }

  sent(name: string): string[] {
    return this.headers.filter(([header]) => header === name).map(([, value]) => value)
  }

  /** The Set-Cookie that counts: a Node exchange replaces an earlier one of the same name. */
  get setCookie(): string | undefined {
    return this.sent('set-cookie').at(-1)
  }

  /** What a browser would send next. */
  get newCookie(): string | undefined {
    return this.setCookie?.split(';')[0]
  }
}

/** Opens a session, as a binding does. */
export async function open<Data extends object>(
  sessions: Sessions<Data>,
  visit: Visit,
  options?: OpenOptions,
): Promise<Session<Data>> {
  return sessions.open(visit, options)
}

/** Serves one request: opens, handles, finishes. Answers the visit. */
export async function serve<Data extends object>(
  sessions: Sessions<Data>,
  cookie: string | undefined,
  handle: (session: Session<Data>) => unknown,
  status = 200,
): Promise<Visit> {
  const visit = new Visit(cookie)
  const session = await open(sessions, visit)
  await handle(session)
  await sessions.finish(session, { status })
  return visit
}

export interface ManualClock extends Clock {
  advance(milliseconds: number): void
}

export function manualClock(start: number = Date.UTC(2030, 0, 1)): ManualClock {
  let now = start
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

/** Collects the messages of channels while `run` runs. */
export async function hear<Name extends EventName>(
  name: Name,
  run: () => Promise<unknown>,
): Promise<HoldfastEvents[Name][]> {
  const messages: HoldfastEvents[Name][] = []
  const listen = (message: unknown): void => {
    messages.push(message as HoldfastEvents[Name])
  }
  subscribe(name, listen)
  try {
    await run()
  } finally {
    unsubscribe(name, listen)
  }
  return messages
}

/** Collects the codes of warnings that are emitted while `run` runs. */
export async function warnings(run: () => unknown): Promise<string[]> {
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  // Warnings are emitted on the next tick: let earlier ones pass first.
  await tick()
  const codes: string[] = []
  const listen = (warning: Error & { code?: string }): void => {
    if (warning.name === 'HoldfastWarning') codes.push(warning.code ?? '')
  }
  process.on('warning', listen)
  try {
    await run()
    await tick()
  } finally {
    process.off('warning', listen)
  }
  return codes
}

/** Answers the code of the error that a call throws or rejects with; `'none'` if it does not. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
