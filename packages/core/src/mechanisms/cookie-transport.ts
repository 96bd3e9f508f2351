/**
 * Carries the token in a cookie, by the rules of RFC 6265bis.
 *
 * - On a secure connection, and always in production, the cookie is `__Host-<name>` with `Secure`, `Path=/` and no
 *   `Domain`; a domain or another path makes it `__Secure-<name>`. Only that name is read there.
 * - Over plain http outside production it is `<name>`.
 */
import type { Exchange } from '../contracts/exchange.ts'
import { CANDIDATES_TRIED, type HeaderEffect, type Transport, type Withheld } from '../contracts/transport.ts'
import { isToken } from './token.ts'

/** The cookie as options describe it, checked. */
export interface CookieSettings {
  readonly name: string
  readonly secure: boolean | 'auto'
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
  readonly domain: string | undefined
  readonly partitioned: boolean
}

/** What a transport is made from. */
export interface TransportSettings {
  readonly cookie: CookieSettings
  readonly isProduction: boolean
}

/** Makes a transport for an engine. */
export type TransportSetup = (settings: TransportSettings) => Transport

/** Carries the token in the cookie that the engine's `cookie` option describes. */
export function cookieTransport(): TransportSetup {
  return createCookieTransport
}

const WITHHELD_INSECURE: Withheld = {
  code: 'WARN_COOKIE_INSECURE',
  message:
    'Session cookie not sent. It is `Secure`, but this request arrived over http, so a browser would drop it and the ' +
    "user would stay signed out. Behind a proxy that speaks TLS, tell the framework to trust it (Express `app.set('trust " +
    "proxy', 1)`, Koa `app.proxy = true`, Fastify `trustProxy: true`); on local http use `cookie.secure: 'auto'` and " +
    'leave NODE_ENV other than production.',
}

const WITHHELD_CROSS_SITE: Withheld = {
  code: 'WARN_COOKIE_CROSS_SITE',
  message:
    "Session cookie not sent. `cookie.sameSite` is 'none', which browsers accept only with `Secure`, but this request " +
    "arrived over http. Serve the site over https, or use `sameSite: 'lax'` on local http.",
}

const [SPACE, TAB, SEMICOLON] = [0x20, 0x09, 0x3b] as const
const NO_TOKENS: readonly string[] = []

/** Answers the name and attributes of the cookie on a connection; also used by the start warning. */
export function describeCookie({ cookie, isProduction }: TransportSettings, isSecure: boolean): CookieForm {
  const isMarkedSecure = cookie.secure === 'auto' ? isProduction || isSecure : cookie.secure
  const isHostOnly = cookie.domain === undefined && cookie.path === '/'
  const prefix = isMarkedSecure ? (isHostOnly ? '__Host-' : '__Secure-') : ''
  const attributes = [
    ...(cookie.domain === undefined ? [] : [`Domain=${cookie.domain}`]),
    `Path=${cookie.path}`,
    'HttpOnly',
    ...(isMarkedSecure ? ['Secure'] : []),
    `SameSite=${SAME_SITE[cookie.sameSite]}`,
    ...(cookie.partitioned && isMarkedSecure ? ['Partitioned'] : []),
  ].join('; ')
  return { name: prefix + cookie.name, attributes, isMarkedSecure }
}

/** Says why a browser would drop the cookie on a connection; `undefined`: it would not. */
export function whyWithheld(cookie: CookieSettings, form: CookieForm, isSecure: boolean): Withheld | undefined {
  if (form.isMarkedSecure && !isSecure) return WITHHELD_INSECURE
  return cookie.sameSite === 'none' && !form.isMarkedSecure ? WITHHELD_CROSS_SITE : undefined
}

export interface CookieForm {
  readonly name: string
  readonly attributes: string
  readonly isMarkedSecure: boolean
}

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' } as const

function createCookieTransport(settings: TransportSettings): Transport {
  const forms = { secure: describeCookie(settings, true), plain: describeCookie(settings, false) }
  const formOn = (isSecure: boolean): CookieForm => (isSecure ? forms.secure : forms.plain)
  // Whether a connection is secure is a question that frameworks work on, and mostly it makes no difference here.
  const onlyName = forms.secure.name === forms.plain.name ? forms.secure.name : undefined
  const nameFor = (exchange: Exchange): string => onlyName ?? formOn(exchange.secure).name
  const withheld = (form: CookieForm, isSecure: boolean): Withheld | undefined =>
    whyWithheld(settings.cookie, form, isSecure)
  const header = (form: CookieForm, value: string, age: string): readonly HeaderEffect[] => [
    ['Set-Cookie', `${form.name}=${value}; ${form.attributes}${age}`],
  ]
  return {
    name: 'cookie',
    vary: 'Cookie',
    candidates: (exchange) => {
      const cookies = exchange.header('cookie')
      if (cookies === undefined) return NO_TOKENS
      const tokens: string[] = []
      scanCookie(cookies, nameFor(exchange), (value) => {
        if (isToken(value) && !tokens.includes(value)) tokens.push(value)
        return tokens.length < CANDIDATES_TRIED
      })
      return tokens
    },
    carries: (exchange: Exchange) => {
      const cookies = exchange.header('cookie')
      if (cookies === undefined) return false
      let isThere = false
      scanCookie(cookies, nameFor(exchange), () => {
        isThere = true
        return false
      })
      return isThere
    },
    send: (token, { isSecure, maxAge }) => {
      const form = formOn(isSecure)
      return withheld(form, isSecure) ?? header(form, token, maxAge === undefined ? '' : `; Max-Age=${maxAge}`)
    },
    clear: ({ isSecure }) => {
      const form = formOn(isSecure)
      return withheld(form, isSecure) === undefined ? header(form, '', '; Max-Age=0') : []
    },
  }
}

/**
 * Calls back with each value that a Cookie header has under a name, until told to stop. Looks for the name only, and
 * makes no object for the cookies of others.
 */
export function scanCookie(header: string, name: string, onValue: (value: string) => boolean): void {
  const sought = `${name}=`
  for (let at = header.indexOf(sought); at >= 0; at = header.indexOf(sought, at + 1)) {
    if (!isCookieStart(header, at)) continue
    const start = at + sought.length
    const end = header.indexOf(';', start)
    if (!onValue(withoutBlanks(header, start, end < 0 ? header.length : end))) return
  }
}

/** Cuts out a value. Blanks are spaces and tabs; `trim` would also take a no-break space for one, which is no part of a cookie. */
function withoutBlanks(header: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(header.charCodeAt(from))) from++
  while (to > from && isBlank(header.charCodeAt(to - 1))) to--
  return header.slice(from, to)
}

/** Tells whether only blanks stand between this place and the separator before it. */
function isCookieStart(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--
  return before < 0 || header.charCodeAt(before) === SEMICOLON
}

function isBlank(character: number): boolean {
  return character === SPACE || character === TAB
}
