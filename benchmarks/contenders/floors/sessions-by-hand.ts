/**
 * The least that can be done for a session, with none of the promises of a library: a search for the cookie, one hash
 * or one read of Redis, a check of the deadline. Nothing can be expected to be faster.
 */
import { hash, randomBytes } from 'node:crypto'

import { Redis } from 'ioredis'

import { ONE_DAY, type Surroundings } from '../contender.ts'
import { type SessionFields, fieldsOf } from '../session-fields.ts'

export interface SessionsByHand {
  /** Answers the `Set-Cookie` of a new session. */
  login(user: string, size: string): Promise<string>
  /** Answers at once where nothing has to be asked. */
  find(cookie: string | undefined): SessionFields | undefined | Promise<SessionFields | undefined>
  save(cookie: string | undefined, fields: SessionFields): Promise<void>
  end(cookie: string | undefined): Promise<void>
}

interface Entry {
  readonly expiresAt: number
  readonly fields: SessionFields
}

const MARK = 'id='
const TOKEN_LENGTH = 32
const PREFIX = 'floor:'

/** The local hit of `'memory'` and `'redis'` (which writes through), or one raw GET for each read. */
export function sessionsByHand({ store, redisUrl }: Surroundings): SessionsByHand {
  const entries = store === 'redis-uncached' ? undefined : new Map<string, Entry>()
  const redis = store === 'memory' ? undefined : new Redis(redisUrl)

  async function save(token: string, fields: SessionFields): Promise<void> {
    const key = hash('sha256', token, 'base64url')
    await redis?.set(PREFIX + key, JSON.stringify(fields), 'PX', ONE_DAY)
    entries?.set(key, { expiresAt: Date.now() + ONE_DAY, fields })
  }

  return {
    login: async (user, size) => {
      const token = randomBytes(24).toString('base64url')
      await save(token, fieldsOf(user, size))
      return `${MARK}${token}; Path=/; HttpOnly; SameSite=Lax`
    },
    find: (cookie) => {
      const token = tokenOf(cookie)
      if (token === undefined) return undefined
      const key = hash('sha256', token, 'base64url')
      if (entries === undefined) {
        return redis
          ?.get(PREFIX + key)
          .then((text) => (text === null ? undefined : (JSON.parse(text) as SessionFields)))
      }
      const entry = entries.get(key)
      return entry !== undefined && entry.expiresAt > Date.now() ? entry.fields : undefined
    },
    save: async (cookie, fields) => {
      const token = tokenOf(cookie)
      if (token !== undefined) await save(token, fields)
    },
    end: async (cookie) => {
      const token = tokenOf(cookie)
      if (token === undefined) return
      const key = hash('sha256', token, 'base64url')
      entries?.delete(key)
      await redis?.del(PREFIX + key)
    },
  }
}

function tokenOf(cookie: string | undefined): string | undefined {
  if (cookie === undefined) return undefined
  const at = cookie.indexOf(MARK)
  return at === -1 ? undefined : cookie.slice(at + MARK.length, at + MARK.length + TOKEN_LENGTH)
}
