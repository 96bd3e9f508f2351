/**
 * Carries a sealed session in one cookie or in several: `id`, `id.1`, `id.2`.
 *
 * The first one begins with the number of its companions, so that what another answer left behind does not join in.
 * Parts of two seals do not open together, whoever mixes them.
 */
import type { Exchange } from '../../contracts/exchange.ts'
import { CANDIDATES_TRIED, type HeaderEffect, type SendTerms, type Transport } from '../../contracts/transport.ts'
import {
  type CookieForm,
  type TransportSettings,
  describeCookie,
  scanCookie,
  whyWithheld,
} from '../cookie-transport.ts'
import type { ForeignCookies } from './foreign-cookies.ts'

/**
 * How long one line may be, attributes and all. Browsers keep 4096 bytes, old ones with the attributes; two cookies of
 * this length leave room for those of others in the 8 KiB that nginx takes.
 */
const LINE_BYTES = 3800
const LONGEST_AGE = '; Max-Age=34560000'
/** More are never looked at, however many cookies an engine may write. */
export const CHUNKS_READ = 8

/** The count, a dot, and what may stand in a seal. */
const FIRST = /^([1-8])\.([\w*-]+)$/
const NEXT = /^[\w*-]+$/

export interface ChunkSettings extends TransportSettings {
  /** In how many cookies a session may lie. */
  readonly maxCookies: number
  /** The cookies of another library, whose sessions are taken over. */
  readonly foreign: ForeignCookies | undefined
}

/** Tells how many characters a seal may have, so that it fits into the cookies on every connection. */
export function sealCapacity(settings: ChunkSettings): number {
  const room = [true, false].map((isSecure) => roomIn(describeCookie(settings, isSecure)))
  return Math.min(...room) * settings.maxCookies
}

/** Tells how many characters of a seal fit into one cookie. */
function roomIn({ name, attributes }: CookieForm): number {
  return LINE_BYTES - `${name}.1=1.; ${attributes}${LONGEST_AGE}`.length
}

export function createChunkTransport(settings: ChunkSettings): Transport {
  const { cookie, maxCookies, foreign } = settings
  const forms = { secure: describeCookie(settings, true), plain: describeCookie(settings, false) }
  const formOn = (isSecure: boolean): CookieForm => (isSecure ? forms.secure : forms.plain)

  const cookieLine = (form: CookieForm, index: number, value: string, age: string): HeaderEffect => [
    'Set-Cookie',
    `${nameOf(form, index)}=${value}; ${form.attributes}${age}`,
  ]
  const deleted = (form: CookieForm, index: number): HeaderEffect => cookieLine(form, index, '', '; Max-Age=0')

  /** Deletes cookies of another library that the request brought. One of the very name was just replaced. */
  const withoutForeign = (exchange: Exchange, form: CookieForm): readonly HeaderEffect[] =>
    foreign?.clear(exchange, form.name) ?? []

  return {
    name: 'cookie',
    vary: 'Cookie',
    candidates: (exchange) => {
      const cookies = exchange.header('cookie')
      if (cookies === undefined) return []
      const own = joined(cookies, formOn(exchange.secure))
      return own.length > 0 || foreign === undefined ? own : foreign.candidates(cookies)
    },
    carries: (exchange) => {
      const cookies = exchange.header('cookie') ?? ''
      return carriedChunks(cookies, formOn(exchange.secure)) > 0 || (foreign?.isIn(cookies) ?? false)
    },
    send: (seal, { isSecure, maxAge, exchange }: SendTerms) => {
      const form = formOn(isSecure)
      const withheld = whyWithheld(cookie, form, isSecure)
      if (withheld !== undefined) return withheld
      const room = roomIn(form)
      const count = Math.ceil(seal.length / room)
      const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
      const effects: HeaderEffect[] = []
      for (let index = 0; index < count; index++) {
        const part = seal.slice(index * room, (index + 1) * room)
        effects.push(cookieLine(form, index, index === 0 ? `${count}.${part}` : part, age))
      }
      const carried = carriedChunks(exchange.header('cookie') ?? '', form)
      for (let index = count; index < carried; index++) effects.push(deleted(form, index))
      return [...effects, ...withoutForeign(exchange, form)]
    },
    clear: ({ isSecure, exchange }) => {
      const form = formOn(isSecure)
      if (whyWithheld(cookie, form, isSecure) !== undefined) return []
      // Also those that an answer under way to this client may bring it.
      const count = Math.max(maxCookies, carriedChunks(exchange.header('cookie') ?? '', form))
      const all = Array.from({ length: count }, (_, index) => deleted(form, index))
      return [...all, ...withoutForeign(exchange, form)]
    },
  }
}

function nameOf({ name }: CookieForm, index: number): string {
  return index === 0 ? name : `${name}.${index}`
}

/** Answers the number of the last of our cookies in a header, counted from 1; 0 where there is none. */
function carriedChunks(cookies: string, form: CookieForm): number {
  for (let index = CHUNKS_READ - 1; index >= 0; index--) {
    if (valuesOf(cookies, nameOf(form, index)).length > 0) return index + 1
  }
  return 0
}

/** Puts seals together. Where browsers send several cookies of one name, each may belong to each. */
function joined(cookies: string, form: CookieForm): readonly string[] {
  const seals: string[] = []
  for (const value of valuesOf(cookies, form.name)) {
    const first = FIRST.exec(value)
    if (first === null) continue
    let beginnings = [first[2]!]
    for (let index = 1; index < Number(first[1]); index++) {
      const parts = valuesOf(cookies, nameOf(form, index)).filter((part) => NEXT.test(part))
      beginnings = beginnings.flatMap((start) => parts.map((part) => start + part)).slice(0, CANDIDATES_TRIED)
    }
    for (const seal of beginnings) if (!seals.includes(seal)) seals.push(seal)
  }
  return seals.slice(0, CANDIDATES_TRIED)
}

/** Answers the values that a Cookie header has under a name, at most as many as are tried. */
export function valuesOf(cookies: string, name: string): string[] {
  const values: string[] = []
  scanCookie(cookies, name, (value) => {
    values.push(value)
    return values.length < CANDIDATES_TRIED
  })
  return values
}
