/** The same small store behind a network hop, in the shapes that the peers ask for. Like a real one it keeps text. */
import type { SessionStore } from '@fastify/session'
import session, { type SessionData } from 'express-session'
import type { SessionOptions } from 'koa-session'

import { acrossHop } from '../hop.ts'

interface DistantMap {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  delete(key: string): Promise<void>
}

function distantMap(): DistantMap {
  const texts = new Map<string, string>()
  return {
    get: (key) =>
      acrossHop('read', () => {
        const text = texts.get(key)
        return text === undefined ? undefined : (JSON.parse(text) as unknown)
      }),
    set: (key, value) => {
      const text = JSON.stringify(value)
      return acrossHop('write', () => void texts.set(key, text))
    },
    delete: (key) => acrossHop('write', () => void texts.delete(key)),
  }
}

type Done = (error?: unknown) => void

/** For express-session. It has no `touch`, which is optional there. */
export class DistantExpressStore extends session.Store {
  readonly #map = distantMap()

  override get(id: string, done: (error: unknown, data?: SessionData | null) => void): void {
    this.#map.get(id).then((data) => done(null, data as SessionData | undefined), done)
  }

  override set(id: string, data: SessionData, done: Done = () => {}): void {
    this.#map.set(id, data).then(() => done(), done)
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#map.delete(id).then(() => done(), done)
  }
}

/** For @fastify/session, which takes the methods of express-session's stores. */
export function distantFastifyStore(): SessionStore {
  const map = distantMap()
  return {
    get: (id, done) => void map.get(id).then((data) => done(null, data as never), done),
    set: (id, data, done) => void map.set(id, data).then(() => done(), done),
    destroy: (id, done) => void map.delete(id).then(() => done(), done),
  }
}

/** For koa-session. */
export function distantKoaStore(): NonNullable<SessionOptions['store']> {
  const map = distantMap()
  return {
    get: (key) => map.get(key),
    set: (key, data) => map.set(key, data),
    destroy: (key) => map.delete(key),
  }
}
