import { inspect } from 'node:util'

import type { CookieSettings } from '../mechanisms/cookie-transport.ts'
import type { OptionReader } from './option-reader.ts'

/** The cookie that carries the token. */
export interface CookieOptions {
  /** Without prefix, which is added. @default 'id' */
  readonly name?: string
  /** `'auto'`: always in production, elsewhere on secure connections. `false` warns in production. @default 'auto' */
  readonly secure?: boolean | 'auto'
  /** @default 'lax' */
  readonly sameSite?: 'lax' | 'strict' | 'none'
  /** @default '/' */
  readonly path?: string
  /** Shares the cookie with all hosts below; makes it `__Secure-`. @default none: this host only */
  readonly domain?: string
  /** Keeps one cookie for each top-level site (CHIPS). @default false */
  readonly partitioned?: boolean
}

const COOKIE_NAMES = [
  'name',
  'secure',
  'sameSite',
  'path',
  'domain',
  'partitioned',
] as const satisfies readonly (keyof CookieOptions)[]

/** Reads the `cookie` option. Browsers silently drop what is refused here. */
export function readCookie(reader: OptionReader, value: unknown): CookieSettings {
  const given = reader.object('cookie', value)
  reader.knownNames(given, COOKIE_NAMES, 'cookie.')
  const cookie: CookieSettings = {
    name: readCookieName(reader, given['name']),
    secure: reader.oneOf('cookie.secure', given['secure'], [true, false, 'auto'] as const, 'auto'),
    sameSite: reader.oneOf('cookie.sameSite', given['sameSite'], ['lax', 'strict', 'none'] as const, 'lax'),
    path:
      readAttribute(reader, 'cookie.path', given['path'], /^\/[\x21-\x3a\x3c-\x7e]*$/, "such as '/' or '/admin'") ??
      '/',
    domain: readAttribute(
      reader,
      'cookie.domain',
      given['domain'],
      /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z](?:[a-z\d-]*[a-z\d])?$/i,
      "such as 'example.com', without a dot in front",
    ),
    partitioned: reader.oneOf('cookie.partitioned', given['partitioned'], [true, false], false),
  }
  if (cookie.secure === false) {
    const needs = "needs a `Secure` cookie, and `cookie.secure` is `false`. Write `secure: 'auto'` or `true`."
    if (cookie.sameSite === 'none') reader.reject('cookie.sameSite', `'none' ${needs}`)
    if (cookie.partitioned) reader.reject('cookie.partitioned', `\`true\` ${needs}`)
  }
  return cookie
}

function readCookieName(reader: OptionReader, value: unknown): string {
  if (value === undefined) return 'id'
  if (typeof value !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(value)) {
    reader.reject(
      'cookie.name',
      `${inspect(value)} cannot name a cookie. Use letters, digits, \`-\` and \`_\`, at most 64.`,
    )
    return 'id'
  }
  if (/^__(?:host|secure|http|host-http)-/i.test(value)) {
    reader.reject(
      'cookie.name',
      `${inspect(value)} already has a prefix. Write the name without it; the prefix that fits the other options is added.`,
    )
  }
  return value
}

/** Attributes over 1024 bytes and control characters make browsers drop the cookie (RFC 6265bis, 5.6). */
function readAttribute(
  reader: OptionReader,
  path: string,
  value: unknown,
  form: RegExp,
  example: string,
): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && value.length <= 1024 && form.test(value)) return value
  reader.reject(path, `${inspect(value)} does not work in a cookie. Write text ${example}.`)
  return undefined
}
