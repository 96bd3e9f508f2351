/** A client that keeps cookies, for tests of sessions that lie in several of them. */
import type { CookieSession, CookieSessions, OpenOptions } from '../src/index.ts'
import { Visit } from './visit.ts'

export interface VisitTerms extends OpenOptions {
  /** @default 200 */
  readonly status?: number
  /** @default false */
  readonly isSecure?: boolean
}

export class CookieJar {
  readonly cookies: Map<string, string>

  constructor(cookies: Iterable<readonly [string, string]> = []) {
    this.cookies = new Map(cookies)
  }

  /** The same cookies, in another client. */
  copy(): CookieJar {
    return new CookieJar(this.cookies)
  }

  get header(): string | undefined {
    return this.cookies.size === 0 ? undefined : [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Makes a request that takes the cookies of now along. Its answer has not come yet. */
  depart(isSecure = false): Visit {
    const visit = new Visit(this.header)
    visit.secure = isSecure
    return visit
  }

  /** Takes in the cookies of an answer. */
  take(visit: Visit): void {
    for (const line of visit.sent('set-cookie')) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', value = ''] = pair.split('=')
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }

  /** Makes a whole request. Answers what the engine did to it. */
  async visit<Data extends object>(
    sessions: CookieSessions<Data>,
    handle: (session: CookieSession<Data>) => unknown = () => {},
    { status = 200, isSecure = false, ...options }: VisitTerms = {},
  ): Promise<Visit> {
    const visit = this.depart(isSecure)
    const session = await sessions.open(visit, options)
    await handle(session)
    await sessions.finish(session, { status })
    this.take(visit)
    return visit
  }

  /** Answers what a request reads, and makes it no use of the session. */
  async read<Data extends object, Value>(
    sessions: CookieSessions<Data>,
    look: (session: CookieSession<Data>) => Value,
    isSecure = false,
  ): Promise<Value> {
    const session = await sessions.open(this.depart(isSecure), { passive: true })
    return look(session)
  }
}
