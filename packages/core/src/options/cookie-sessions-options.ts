/** What a program may say about sessions that lie in cookies. Read once, at start, into a frozen value. */
import { inspect } from 'node:util'

import { OptionsError } from '../contracts/errors.ts'
import { CHUNKS_READ, sealCapacity } from '../mechanisms/cookie-sessions/cookie-chunks.ts'
import type { ForeignCookieSettings } from '../mechanisms/cookie-sessions/foreign-cookies.ts'
import type { IronSessionSettings } from '../mechanisms/cookie-sessions/iron-session.ts'
import type { KeySource } from '../mechanisms/keys/key-ring.ts'
import { type IronSessionOptions, readIronSession } from './iron-session-options.ts'
import { type KeysOption, readKeys } from './key-options.ts'
import { FOREIGN_COOKIE_OPTIONS } from './foreign-options.ts'
import { OptionReader } from './option-reader.ts'
import { type CommonSettings, type SessionsOptions, readCommon } from './options.ts'

/** Options of {@link cookieSessions}. Those that it shares with {@link createSessions} mean the same. */
export interface CookieSessionsOptions extends Pick<
  SessionsOptions,
  | 'profile'
  | 'idleTimeout'
  | 'absoluteTimeout'
  | 'remember'
  | 'anonymous'
  | 'jitter'
  | 'timeLeftHeader'
  | 'cookie'
  | 'saveOn5xx'
  | 'clearSiteData'
  | 'clock'
> {
  /** The secrets of the seals: the first one seals, all open. */
  readonly keys: KeysOption
  /** Whether a seal is opened before the handler, or by `session.load()`. @default 'eager' */
  readonly load?: 'eager' | 'lazy'
  /**
   * In how many cookies of at most 3800 bytes a session may lie, up to 8. Look at what your servers take before you
   * raise it: nginx refuses a Cookie header over 8 KiB, Node all headers over 16 KiB.
   *
   * @default 2
   */
  readonly maxCookies?: number
  /** Takes sessions of iron-session 8 and 9 over. @default none */
  readonly ironSession?: IronSessionOptions
}

/** {@link CookieSessionsOptions}, checked. */
export interface CookieSessionsSettings extends CommonSettings {
  readonly keys: KeySource
  readonly maxCookies: number
  /** How many characters a seal may have. */
  readonly capacity: number
  /** Bytes that all fields together may have at most: what fits if all is ASCII. */
  readonly sizeLimit: number
  readonly ironSession: (ForeignCookieSettings & IronSessionSettings) | undefined
}

const NAMES = [
  'keys',
  'profile',
  'idleTimeout',
  'absoluteTimeout',
  'remember',
  'anonymous',
  'jitter',
  'timeLeftHeader',
  'load',
  'cookie',
  'maxCookies',
  'saveOn5xx',
  'clearSiteData',
  'ironSession',
  'clock',
] as const satisfies readonly (keyof CookieSessionsOptions)[]

const WITH_STORE = 'Use `createSessions({ store })` for that.'
/** Options of engines with a store, and why they mean nothing here. */
const REFUSED: Readonly<Record<string, string>> = {
  store: `sessions lie in cookies here, and nowhere else. ${WITH_STORE}`,
  maxSessions: `nobody knows how many sessions a subject has. ${WITH_STORE}`,
  onConflict: `nobody sees that two answers overlap: the one that comes last is what the session holds. ${WITH_STORE}`,
  renewEvery: `a cookie that was replaced goes on to work until its own end. ${WITH_STORE}`,
  onReuse: `nobody knows which cookies were replaced. ${WITH_STORE}`,
  devices: `there is no list of a subject's sessions. ${WITH_STORE}`,
  cache: 'there is no store to remember anything of.',
  storeDeadline: 'there is no store to wait for.',
  commitDeadline: 'there is no store to wait for.',
  transport: 'sessions travel in cookies only. `cookie` describes them.',
  sizeLimit: 'write `maxCookies`, which says in how many cookies a session may lie.',
  seal: 'cookies are always sealed, with the first of `keys`.',
  compress: 'cookies are not compressed.',
}

/** What a seal has beside the ciphertext, in characters, and what a record has beside its fields, in bytes. */
const SEAL_CHARACTERS = 96
const RECORD_BYTES = 64
const BLOCK = 16

/**
 * Checks options and fills in defaults.
 *
 * @throws OptionsError `ERR_OPTIONS` with all problems
 */
export function resolveCookieSessions(
  options: CookieSessionsOptions,
  nodeEnv: string | undefined,
): CookieSessionsSettings {
  const reader = new OptionReader()
  const given = reader.object(
    'options',
    options,
    'cookieSessions({ keys: [secret] })',
  ) as unknown as CookieSessionsOptions
  for (const [name, why] of Object.entries(REFUSED)) if (name in given) reader.reject(name, why)
  const mayBeMeant = Object.fromEntries(Object.entries(given).filter(([name]) => !(name in REFUSED)))
  reader.knownNames(mayBeMeant, NAMES, '', FOREIGN_COOKIE_OPTIONS)
  if ((given.load as string | undefined) === 'strict') {
    reader.reject('load', "'strict' asks a store past its cache, and there is none. Write 'eager' or 'lazy'.")
  }
  const common = readCommon(reader, given, nodeEnv)
  const maxCookies = readMaxCookies(reader, given.maxCookies)
  const ironSession = readIronSession(reader, given.ironSession)
  const capacity = sealCapacity({ ...common, maxCookies, foreign: undefined })
  const settings: CookieSessionsSettings = {
    ...common,
    keys: readKeys(reader, given.keys, 'keys'),
    maxCookies,
    capacity,
    sizeLimit: Math.floor(((capacity - SEAL_CHARACTERS) * 3) / 4 / BLOCK) * BLOCK - RECORD_BYTES,
    ironSession,
  }
  if (reader.problems.length > 0) throw new OptionsError('cookieSessions()', reader.problems)
  return Object.freeze(settings)
}

function readMaxCookies(reader: OptionReader, value: unknown): number {
  if (value === undefined) return 2
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= CHUNKS_READ) return value as number
  reader.reject('maxCookies', `${inspect(value)} is no whole number from 1 to ${CHUNKS_READ}.`)
  return 2
}
