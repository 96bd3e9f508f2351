import type { ForeignCookieSettings } from '../mechanisms/cookie-sessions/foreign-cookies.ts'
import type { IronSessionSettings } from '../mechanisms/cookie-sessions/iron-session.ts'
import type { OptionReader } from './option-reader.ts'

/** The sessions of iron-session 8 and 9 that an engine goes on with. Say here what iron-session was told. */
export interface IronSessionOptions {
  readonly cookieName: string
  /** One password, or several by their numbers. */
  readonly password: string | Readonly<Record<string, string>>
  /**
   * Answers the id of the user of a session, from what it holds; `undefined` where nobody has signed in. Without it
   * all sessions that are taken over are anonymous.
   */
  readonly subject?: (data: Readonly<Record<string, unknown>>) => string | undefined
  /** Whether sessions that are taken over are kept over a restart, with the lifetimes of `remember`. @default false */
  readonly remember?: boolean
  /** The path of its cookies, so that they can be deleted. @default '/' */
  readonly path?: string
  /** The domain of its cookies, so that they can be deleted. @default none */
  readonly domain?: string
}

const NAMES = [
  'cookieName',
  'password',
  'subject',
  'remember',
  'path',
  'domain',
] as const satisfies readonly (keyof IronSessionOptions)[]

/** iron-session itself takes no shorter ones. */
const LEAST_PASSWORD = 32

/** Reads the `ironSession` option. What it says never holds a password. */
export function readIronSession(
  reader: OptionReader,
  value: unknown,
): (ForeignCookieSettings & IronSessionSettings) | undefined {
  if (value === undefined) return undefined
  const given = reader.object('ironSession', value, 'ironSession: { cookieName, password }')
  reader.knownNames(given, NAMES, 'ironSession.')
  const { cookieName, subject, path = '/', domain } = given
  if (typeof cookieName !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(cookieName)) {
    reader.reject('ironSession.cookieName', 'it names no cookie. Write the `cookieName` that iron-session was given.')
  }
  if (subject !== undefined && typeof subject !== 'function') {
    reader.reject('ironSession.subject', 'it is no function. Write one of the data, such as `(data) => data.userId`.')
  }
  for (const [name, text] of [
    ['path', path],
    ['domain', domain ?? ''],
  ]) {
    if (typeof text !== 'string' || !/^[\x21-\x3a\x3c-\x7e]*$/.test(text)) {
      reader.reject(`ironSession.${name as string}`, 'it does not work in a cookie.')
    }
  }
  return {
    cookieName: String(cookieName),
    passwords: readPasswords(reader, given['password']),
    subject: subject as IronSessionSettings['subject'],
    isRemembered: reader.oneOf('ironSession.remember', given['remember'], [true, false], false),
    path: String(path),
    domain: domain as string | undefined,
  }
}

function readPasswords(reader: OptionReader, value: unknown): Readonly<Record<string, string>> {
  const passwords = typeof value === 'string' ? { 1: value } : value
  const isUsable =
    typeof passwords === 'object' &&
    passwords !== null &&
    Object.keys(passwords).length > 0 &&
    Object.entries(passwords).every(
      ([id, password]) => /^\d+$/.test(id) && typeof password === 'string' && password.length >= LEAST_PASSWORD,
    )
  if (isUsable) return passwords as Readonly<Record<string, string>>
  reader.reject(
    'ironSession.password',
    `it is no password of at least ${LEAST_PASSWORD} characters, and no object of such by number. Write what iron-session was given.`,
  )
  return {}
}
