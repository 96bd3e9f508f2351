/** What a program may say about its sessions. Read once, at start, into a frozen value; nothing else reads it. */
import { inspect } from 'node:util'

import { closest, distance } from 'fastest-levenshtein'

import type { Clock } from './contracts/clock.ts'
import { type Duration, parseDuration } from './contracts/duration.ts'
import { type OptionProblem, OptionsError } from './contracts/errors.ts'
import type { SessionStore } from './contracts/store.ts'
import { type CookieSettings, type TransportSetup, cookieTransport } from './mechanisms/cookie-transport.ts'
import type { ConflictPolicy } from './mechanisms/draft.ts'
import type { Lifetime, LifetimePolicy } from './mechanisms/lifetime.ts'
import { DEFAULT_REMEMBER, LONGEST, PROFILES, type ProfileName } from './profiles.ts'

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

/** When a request's session is loaded: before the handler, past every cache, or when asked for. */
export type LoadMode = 'eager' | 'strict' | 'lazy'

/** Data that `Clear-Site-Data` may name at logout. Never cookies: the response may carry a new one. */
export type ClearSiteDataType = 'cache' | 'storage' | 'executionContexts' | 'prefetchCache' | 'prerenderCache'

/** Options of {@link createSessions}. */
export interface SessionsOptions {
  /** Where records lie. Outside production it may be left out: then they live in memory, and a warning says so. */
  readonly store?: SessionStore
  /** @default 'owasp' */
  readonly profile?: ProfileName
  /** How long a session may go unused. @default that of the profile, '30m' for 'owasp' */
  readonly idleTimeout?: Duration
  /** How long a session may last. @default that of the profile, '8h' for 'owasp' */
  readonly absoluteTimeout?: Duration
  /** Lifetimes of sessions that `login(subject, { remember: true })` begins. @default 14 days idle, 30 days in all */
  readonly remember?: { readonly idleTimeout?: Duration; readonly absoluteTimeout?: Duration }
  /** @default 'eager' */
  readonly load?: LoadMode
  readonly cookie?: CookieOptions
  /** How tokens travel; of a list the first one that brings a token also takes the answer. @default cookieTransport() */
  readonly transport?: TransportSetup | readonly TransportSetup[]
  /** The local read-through cache. This version has none, so only `false` can be said. @default false */
  readonly cache?: false
  /** Who wins when two requests set one field to different values. @default 'last' */
  readonly onConflict?: ConflictPolicy
  /** Whether field changes and logins of a handler that ended in 5xx are saved. @default false */
  readonly saveOn5xx?: boolean
  /** Bytes that all fields of a session may have together. @default 65536 */
  readonly sizeLimit?: number
  /** How long one store call, with its retry, may take. @default '250ms' */
  readonly storeDeadline?: Duration
  /** How long a commit may take, all rounds together; at least twice `storeDeadline`. @default '1s' */
  readonly commitDeadline?: Duration
  /** What browsers clear at logout over https. @default ['cache'] */
  readonly clearSiteData?: readonly ClearSiteDataType[] | false
  /** The time that lifetimes run on. @default the store's, or monotonic time that follows the wall clock forward only */
  readonly clock?: Clock
}

/** Options as the engine reads them. */
export interface Settings {
  readonly isProduction: boolean
  readonly isModeUnset: boolean
  readonly store: SessionStore | undefined
  readonly policy: LifetimePolicy
  /** The longest lifetimes that a session may be given. */
  readonly limit: Lifetime
  readonly load: LoadMode
  readonly cookie: CookieSettings
  readonly transports: readonly TransportSetup[]
  readonly onConflict: ConflictPolicy
  readonly saveOn5xx: boolean
  readonly sizeLimit: number
  readonly storeDeadline: number
  readonly commitDeadline: number
  readonly clearSiteData: string | undefined
  readonly clock: Clock | undefined
}

const NAMES = [
  'store',
  'profile',
  'idleTimeout',
  'absoluteTimeout',
  'remember',
  'load',
  'cookie',
  'transport',
  'cache',
  'onConflict',
  'saveOn5xx',
  'sizeLimit',
  'storeDeadline',
  'commitDeadline',
  'clearSiteData',
  'clock',
] as const satisfies readonly (keyof SessionsOptions)[]
const COOKIE_NAMES = [
  'name',
  'secure',
  'sameSite',
  'path',
  'domain',
  'partitioned',
] as const satisfies readonly (keyof CookieOptions)[]
const SITE_DATA: readonly string[] = ['cache', 'storage', 'executionContexts', 'prefetchCache', 'prerenderCache']
const VERBS = ['load', 'create', 'update', 'touch', 'renew', 'end'] as const

/** Notes problems instead of throwing at the first. */
class Reader {
  readonly problems: OptionProblem[] = []

  reject(path: string, message: string): void {
    this.problems.push({ path, message })
  }

  /** Names that exist nowhere, with the one that was probably meant. */
  knownNames(given: object, known: readonly string[], prefix = ''): void {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue
      const nearest = closest(name, [...known])
      const hint =
        distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, name.length / 2)
          ? ` Did you mean \`${prefix}${nearest}\`?`
          : ''
      this.reject(prefix + name, `there is no such option.${hint}`)
    }
  }

  object(path: string, value: unknown): Readonly<Record<string, unknown>> {
    if (value === undefined) return {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    this.reject(path, `${inspect(value)} is no object.`)
    return {}
  }

  oneOf<Choice>(path: string, value: unknown, choices: readonly Choice[], fallback: Choice): Choice {
    if (value === undefined) return fallback
    if (choices.includes(value as Choice)) return value as Choice
    this.reject(path, `${inspect(value)} is none of ${choices.map((choice) => inspect(choice)).join(', ')}.`)
    return fallback
  }

  length(path: string, value: unknown, fallback: number, longest: number, why: string): number {
    if (value === undefined) return fallback
    const length = parseDuration(value)
    if (length === undefined || length <= 0) {
      this.reject(
        path,
        `${inspect(value)} is no length of time. Write milliseconds, or text such as '250ms', '30m', '8h', '14d'.`,
      )
      return fallback
    }
    if (length > longest) this.reject(path, `${inspect(value)} is too long. ${why}`)
    return length
  }
}

/**
 * Checks options and fills in defaults.
 *
 * @throws OptionsError `ERR_OPTIONS` with all problems
 */
export function resolveOptions(options: SessionsOptions, nodeEnv: string | undefined): Settings {
  const reader = new Reader()
  const given = reader.object('options', options) as SessionsOptions
  reader.knownNames(given, NAMES)
  const isProduction = nodeEnv === 'production'
  const { policy, limit } = readLifetimes(reader, given)
  const storeDeadline = reader.length(
    'storeDeadline',
    given.storeDeadline,
    250,
    60_000,
    'Requests must not wait for minutes.',
  )
  const settings: Settings = {
    isProduction,
    isModeUnset: nodeEnv === undefined || nodeEnv === '',
    store: readStore(reader, given.store, isProduction),
    policy,
    limit,
    load: reader.oneOf<LoadMode>('load', given.load, ['eager', 'strict', 'lazy'], 'eager'),
    cookie: readCookie(reader, given.cookie),
    transports: readTransports(reader, given.transport),
    onConflict: readConflictPolicy(reader, given.onConflict),
    saveOn5xx: reader.oneOf('saveOn5xx', given.saveOn5xx, [true, false], false),
    sizeLimit: readSizeLimit(reader, given.sizeLimit),
    storeDeadline,
    commitDeadline: readCommitDeadline(reader, given.commitDeadline, storeDeadline),
    clearSiteData: readSiteData(reader, given.clearSiteData),
    clock: readClock(reader, given.clock),
  }
  if (given.cache !== undefined && given.cache !== false) {
    reader.reject('cache', 'this version has no local cache. Leave the option out, or write `false`.')
  }
  if (reader.problems.length > 0) throw new OptionsError('createSessions()', reader.problems)
  return Object.freeze(settings)
}

function readStore(reader: Reader, store: unknown, isProduction: boolean): SessionStore | undefined {
  if (store === undefined) {
    if (isProduction) {
      reader.reject(
        'store',
        'in production the store must be chosen. Write `store: memoryStore()` if sessions may live in this process and end with it; ' +
          'otherwise give a shared store.',
      )
    }
    return undefined
  }
  const missing = VERBS.filter((verb) => typeof (store as Record<string, unknown> | null)?.[verb] !== 'function')
  if (missing.length === 0) return store as SessionStore
  const hint = typeof store === 'function' ? ' Call the factory: `store: memoryStore()`.' : ''
  reader.reject('store', `this is no session store: it has no \`${missing.join('`, `')}\`.${hint}`)
  return undefined
}

function readLifetimes(reader: Reader, given: SessionsOptions): { policy: LifetimePolicy; limit: Lifetime } {
  const name = reader.oneOf<ProfileName>('profile', given.profile, ['owasp', 'aal1', 'aal2', 'aal3'], 'owasp')
  const profile = PROFILES[name]
  const limit = profile.limit ?? { idleTimeout: LONGEST, absoluteTimeout: LONGEST }
  const why =
    profile.limit === undefined
      ? 'Browsers keep nothing for more than 400 days.'
      : `The profile '${name}' promises less (NIST SP 800-63B-4, 5.2); choose 'owasp' to set lifetimes of your own.`
  const read = (from: Readonly<Record<string, unknown>>, prefix: string, fallback: Lifetime): Lifetime => ({
    idleTimeout: reader.length(
      `${prefix}idleTimeout`,
      from['idleTimeout'],
      fallback.idleTimeout,
      limit.idleTimeout,
      why,
    ),
    absoluteTimeout: reader.length(
      `${prefix}absoluteTimeout`,
      from['absoluteTimeout'],
      fallback.absoluteTimeout,
      limit.absoluteTimeout,
      why,
    ),
  })
  const remember = reader.object('remember', given.remember)
  reader.knownNames(remember, Object.keys(DEFAULT_REMEMBER), 'remember.')
  const policy = {
    ...read(given as Record<string, unknown>, '', profile.lifetimes),
    remember: read(remember, 'remember.', profile.lifetimes.remember),
  }
  return { policy, limit }
}

function readCookie(reader: Reader, value: unknown): CookieSettings {
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
      /^[a-z\d](?:[a-z\d-]*\.)+[a-z\d-]*[a-z\d]$/i,
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

function readCookieName(reader: Reader, value: unknown): string {
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
  reader: Reader,
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

function readTransports(reader: Reader, value: unknown): readonly TransportSetup[] {
  if (value === undefined) return [cookieTransport()]
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every((setup) => typeof setup === 'function')) return list as readonly TransportSetup[]
  reader.reject('transport', 'write `cookieTransport()`, `headerTransport({ name })` or a list of them.')
  return []
}

function readConflictPolicy(reader: Reader, value: unknown): ConflictPolicy {
  if (value === undefined) return 'last'
  if (value === 'last' || value === 'throw' || typeof value === 'function') return value as ConflictPolicy
  reader.reject('onConflict', `${inspect(value)} is none of 'last', 'throw', or a function of both values.`)
  return 'last'
}

function readSizeLimit(reader: Reader, value: unknown): number {
  if (value === undefined) return 65_536
  if (Number.isSafeInteger(value) && (value as number) >= 1024) return value as number
  reader.reject('sizeLimit', `${inspect(value)} is no number of bytes. Write a whole number, at least 1024.`)
  return 65_536
}

function readCommitDeadline(reader: Reader, value: unknown, storeDeadline: number): number {
  const least = 2 * storeDeadline
  const deadline = reader.length(
    'commitDeadline',
    value,
    Math.max(1000, least),
    600_000,
    'Requests must not wait for minutes.',
  )
  if (deadline < least) reader.reject('commitDeadline', `it must be at least twice \`storeDeadline\`, ${least} ms.`)
  return deadline
}

function readSiteData(reader: Reader, value: unknown): string | undefined {
  if (value === false) return undefined
  const types: unknown = value ?? ['cache']
  if (Array.isArray(types) && types.length > 0 && types.every((type) => SITE_DATA.includes(type as string))) {
    return types.map((type) => `"${type as string}"`).join(', ')
  }
  const cookies = Array.isArray(types) && (types.includes('cookies') || types.includes('*'))
  reader.reject(
    'clearSiteData',
    cookies
      ? 'it may not clear cookies: the same response may set a new one. The session cookie is deleted by name.'
      : `${inspect(types)} is no list of ${SITE_DATA.map((type) => `'${type}'`).join(', ')}. Write \`false\` for none.`,
  )
  return undefined
}

function readClock(reader: Reader, clock: unknown): Clock | undefined {
  if (clock === undefined || typeof (clock as Partial<Clock> | null)?.now === 'function')
    return clock as Clock | undefined
  reader.reject('clock', 'it has no `now()`. Write an object whose `now()` answers epoch milliseconds.')
  return undefined
}
