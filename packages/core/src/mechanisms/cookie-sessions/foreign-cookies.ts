/**
 * Finds and deletes the cookies of iron-session 8 and 9, whose sessions an engine takes over.
 *
 * Version 9 may put a seal into `name.0`, `name.1` and so on, up to four; version 8 never does.
 */
import type { Exchange } from '../../contracts/exchange.ts'
import type { HeaderEffect } from '../../contracts/transport.ts'
import { valuesOf } from './cookie-chunks.ts'

const CHUNKS = 4
/** A seal of iron, which ends in a version that nobody has authenticated. */
const SEAL = /^(Fe26\.2\*[\w*-]+)(?:~\d*)?$/

export interface ForeignCookieSettings {
  readonly cookieName: string
  readonly path: string
  readonly domain: string | undefined
}

export interface ForeignCookies {
  /** Seals that a Cookie header has. They begin with the mark of iron, which ours leave out. */
  candidates(cookies: string): readonly string[]
  isIn(cookies: string): boolean
  /** What deletes those that a request brought, but for one that goes by a name that is just being set. */
  clear(exchange: Exchange, name: string): readonly HeaderEffect[]
}

/** Tells whether a candidate is the seal of another library. */
export function isForeign(seal: string): boolean {
  return seal.startsWith('Fe26.2*')
}

export function createForeignCookies({ cookieName, path, domain }: ForeignCookieSettings): ForeignCookies {
  const chunkNames = Array.from({ length: CHUNKS }, (_, index) => `${cookieName}.${index}`)
  const names = [cookieName, ...chunkNames]

  const namesIn = (cookies: string): string[] => names.filter((name) => valuesOf(cookies, name).some(Boolean))

  function whole(cookies: string): readonly string[] {
    const alone = valuesOf(cookies, cookieName)
    if (alone.some((value) => SEAL.test(value))) return alone
    const parts: string[] = []
    for (const name of chunkNames) {
      const [part] = valuesOf(cookies, name)
      if (part === undefined) break
      parts.push(part)
    }
    return [parts.join('')]
  }

  return {
    candidates: (cookies) => whole(cookies).flatMap((value) => SEAL.exec(value)?.[1] ?? []),
    isIn: (cookies) => namesIn(cookies).length > 0,
    clear: (exchange, setName) => {
      const attributes = [
        ...(domain === undefined ? [] : [`Domain=${domain}`]),
        `Path=${path}`,
        'HttpOnly',
        ...(exchange.secure ? ['Secure'] : []),
        'SameSite=Lax',
        'Max-Age=0',
      ].join('; ')
      return namesIn(exchange.header('cookie') ?? '')
        .filter((name) => name !== setName && (!name.startsWith(`${setName}.`) || name.endsWith('.0')))
        .map((name) => ['Set-Cookie', `${name}=; ${attributes}`])
    },
  }
}
