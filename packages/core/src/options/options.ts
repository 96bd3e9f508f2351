/** What a program may say about its sessions. Read once, at start, into a frozen value; nothing else reads it. */
import { inspect } from 'node:util'

import type { Clock } from '../contracts/clock.ts'
import type { Duration } from '../contracts/duration.ts'
import { OptionsError } from '../contracts/errors.ts'
import type { SessionStore } from '../contracts/store.ts'
import { type CookieSettings, type TransportSetup, cookieTransport } from '../mechanisms/cookie-transport.ts'
import type { ConflictPolicy } from '../mechanisms/draft-rules.ts'
import type { Lifetime, LifetimePolicy } from '../mechanisms/lifetime.ts'
import type { CacheLimits } from '../mechanisms/record-cache.ts'
import { type CacheOptions, readCache } from './cache-options.ts'
import { type CookieOptions, readCookie } from './cookie-options.ts'
import { type DeviceOptions, type DeviceSettings, type MaxSessions, readDevices } from './device-options.ts'
import { type CompressOptions, type EnvelopeSettings, type SealOptions, readEnvelope } from './envelope-options.ts'
import { readLifetimes } from './lifetime-options.ts'
import { FOREIGN_OPTIONS } from './foreign-options.ts'
import { OptionReader } from './option-reader.ts'
import type { ProfileName } from './profiles.ts'
import { type RenewalSettings, readRenewal } from './renewal-options.ts'

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
  /** Lifetimes of sessions that nobody has signed in to. @default `idleTimeout` and `absoluteTimeout` where they are given, else 10 minutes and 2 hours */
  readonly anonymous?: { readonly idleTimeout?: Duration; readonly absoluteTimeout?: Duration }
  /**
   * The share of the idle timeout, at most 0.05, by which sessions are cut, each by its own part of that, so that
   * sessions which began together do not end together.
   *
   * @default 0.05
   */
  readonly jitter?: number
  /** After what time a signed-in session gets a new token, at its next use; `false`: never. @default '15m' */
  readonly renewEvery?: Duration | false
  /** What happens when a token comes back that such a renewal has replaced: the session ends, or an event tells of it. @default 'end' */
  readonly onReuse?: 'end' | 'report'
  /** How many sessions one subject may have at once. @default as many as they like */
  readonly maxSessions?: number | MaxSessions
  /** What is kept of clients, for lists of a subject's sessions. */
  readonly devices?: DeviceOptions
  /** A response header that tells how many seconds the session has left; `false`: none. @default false */
  readonly timeLeftHeader?: string | false
  /** @default 'eager' */
  readonly load?: LoadMode
  readonly cookie?: CookieOptions
  /** How tokens travel; of a list the first one that brings a token also takes the answer. @default cookieTransport() */
  readonly transport?: TransportSetup | readonly TransportSetup[]
  /**
   * What this process remembers of the store, for as long as the store's change feed vouches for it; `false`: nothing.
   *
   * @default { maxBytes: 67_108_864, maxAge: '5s' } where the feed tells of every change (memory, Redis), else `false`
   */
  readonly cache?: CacheOptions | false
  /** Seals records at rest. @default the store can read them */
  readonly seal?: SealOptions
  /** Compresses records from some size on; `false`: none. @default false */
  readonly compress?: CompressOptions | false
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

/** Options that engines with and without a store have in common, as they read them. */
export interface CommonSettings {
  readonly isProduction: boolean
  readonly isModeUnset: boolean
  readonly policy: LifetimePolicy
  /** The longest lifetimes that a session may be given. */
  readonly limit: Lifetime
  readonly load: LoadMode
  /** `undefined`: none. */
  readonly timeLeftHeader: string | undefined
  readonly cookie: CookieSettings
  readonly saveOn5xx: boolean
  readonly clearSiteData: string | undefined
  readonly clock: Clock | undefined
}

/** Options as the engine reads them. */
export interface Settings extends CommonSettings, RenewalSettings, DeviceSettings, EnvelopeSettings {
  readonly store: SessionStore | undefined
  /** `undefined`: as the store's feed allows. */
  readonly cache: CacheLimits | false | undefined
  readonly transports: readonly TransportSetup[]
  readonly onConflict: ConflictPolicy
  readonly sizeLimit: number
  readonly storeDeadline: number
  readonly commitDeadline: number
}

const NAMES = [
  'store',
  'profile',
  'idleTimeout',
  'absoluteTimeout',
  'remember',
  'anonymous',
  'jitter',
  'renewEvery',
  'onReuse',
  'maxSessions',
  'devices',
  'timeLeftHeader',
  'load',
  'cookie',
  'transport',
  'cache',
  'seal',
  'compress',
  'onConflict',
  'saveOn5xx',
  'sizeLimit',
  'storeDeadline',
  'commitDeadline',
  'clearSiteData',
  'clock',
] as const satisfies readonly (keyof SessionsOptions)[]
const SITE_DATA: readonly string[] = ['cache', 'storage', 'executionContexts', 'prefetchCache', 'prerenderCache']
const VERBS = ['load', 'create', 'update', 'touch', 'renew', 'end'] as const

/**
 * Checks options and fills in defaults.
 *
 * @throws OptionsError `ERR_OPTIONS` with all problems
 */
export function resolveOptions(options: SessionsOptions, nodeEnv: string | undefined): Settings {
  const reader = new OptionReader()
  const given = reader.object('options', options, 'createSessions({ store })') as SessionsOptions
  reader.knownNames(given, NAMES, '', FOREIGN_OPTIONS)
  const isProduction = nodeEnv === 'production'
  const storeDeadline = reader.length(
    'storeDeadline',
    given.storeDeadline,
    250,
    60_000,
    'Requests must not wait for minutes.',
  )
  const store = readStore(reader, given.store, isProduction)
  const settings: Settings = {
    ...readCommon(reader, given, nodeEnv),
    store,
    cache: readCache(reader, given.cache, store),
    ...readRenewal(reader, given),
    ...readDevices(reader, given),
    ...readEnvelope(reader, given),
    transports: readTransports(reader, given.transport),
    onConflict: readConflictPolicy(reader, given.onConflict),
    sizeLimit: readSizeLimit(reader, given.sizeLimit),
    storeDeadline,
    commitDeadline: readCommitDeadline(reader, given.commitDeadline, storeDeadline),
  }
  if (reader.problems.length > 0) throw new OptionsError('createSessions()', reader.problems)
  return Object.freeze(settings)
}

/** Reads what engines with and without a store have in common. */
export function readCommon(reader: OptionReader, given: SessionsOptions, nodeEnv: string | undefined): CommonSettings {
  return {
    isProduction: nodeEnv === 'production',
    isModeUnset: nodeEnv === undefined || nodeEnv === '',
    ...readLifetimes(reader, given),
    timeLeftHeader: readHeaderName(reader, given.timeLeftHeader),
    load: reader.oneOf<LoadMode>('load', given.load, ['eager', 'strict', 'lazy'], 'eager'),
    cookie: readCookie(reader, given.cookie),
    saveOn5xx: reader.oneOf('saveOn5xx', given.saveOn5xx, [true, false], false),
    clearSiteData: readSiteData(reader, given.clearSiteData),
    clock: readClock(reader, given.clock),
  }
}

function readStore(reader: OptionReader, store: unknown, isProduction: boolean): SessionStore | undefined {
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

function readTransports(reader: OptionReader, value: unknown): readonly TransportSetup[] {
  if (value === undefined) return [cookieTransport()]
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every((setup) => typeof setup === 'function')) return list as readonly TransportSetup[]
  reader.reject('transport', 'write `cookieTransport()`, `headerTransport({ name })` or a list of them.')
  return []
}

function readConflictPolicy(reader: OptionReader, value: unknown): ConflictPolicy {
  if (value === undefined) return 'last'
  if (value === 'last' || value === 'throw' || typeof value === 'function') return value as ConflictPolicy
  reader.reject('onConflict', `${inspect(value)} is none of 'last', 'throw', or a function of both values.`)
  return 'last'
}

function readSizeLimit(reader: OptionReader, value: unknown): number {
  if (value === undefined) return 65_536
  if (Number.isSafeInteger(value) && (value as number) >= 1024) return value as number
  reader.reject('sizeLimit', `${inspect(value)} is no number of bytes. Write a whole number, at least 1024.`)
  return 65_536
}

function readCommitDeadline(reader: OptionReader, value: unknown, storeDeadline: number): number {
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

function readSiteData(reader: OptionReader, value: unknown): string | undefined {
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

function readHeaderName(reader: OptionReader, name: unknown): string | undefined {
  if (name === undefined || name === false) return undefined
  if (typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return name.toLowerCase()
  reader.reject('timeLeftHeader', `${inspect(name)} names no header. Write a name such as 'session-expires-in'.`)
  return undefined
}

function readClock(reader: OptionReader, clock: unknown): Clock | undefined {
  if (clock === undefined || typeof (clock as Partial<Clock> | null)?.now === 'function')
    return clock as Clock | undefined
  reader.reject('clock', 'it has no `now()`. Write an object whose `now()` answers epoch milliseconds.')
  return undefined
}
