/** What every process of a fleet serves. */
import type { Session } from '@holdfast/core'

import { type Route, type Visit, json } from '../frameworks/site.ts'

/** What a session shows of itself. */
export interface Shown {
  readonly isNew: boolean
  readonly id: string
  readonly subject: string | null
  readonly revision: number
  readonly expiresAt: number | null
  readonly fields: Readonly<Record<string, unknown>>
}

/** Fields of any name: these tests ask for forty at once. */
type AnySession = Session<Record<string, unknown>>

export const FLEET_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/state', handle: ({ session }) => json(shown(session as unknown as AnySession)) },
  { method: 'GET', path: '/plain', handle: () => json('nobody asked for a session') },
  { method: 'GET', path: '/process', handle: () => json({ pid: process.pid, memory: usedMemory() }) },
  change('/begin', (session) => session.set('n', 0)),
  change('/login', (session, { query }) => session.login(query['user']!)),
  change('/set', (session, { query }) => session.set(query['name']!, query['value'])),
  change('/increment', (session) => session.increment('n')),
  change('/renew', (session) => session.renew()),
  change('/logout', (session) => session.logout()),
  change('/destroy', (session) => session.destroy()),
  change('/slow-increment', async (session, { query }) => {
    session.get('n')
    await new Promise((resolve) => setTimeout(resolve, Number(query['ms'])))
    session.increment('n')
  }),
]

function change(path: string, run: (session: AnySession, visit: Visit) => void | Promise<void>): Route {
  return {
    method: 'POST',
    path,
    handle: async (visit) => {
      await run(visit.session as unknown as AnySession, visit)
      return json({ done: path })
    },
  }
}

function shown(session: AnySession): Shown {
  const { isNew, id, subject = null, revision, expiresAt = null } = session
  const fields = Object.fromEntries(session.keys().map((name) => [name, session.get(name)]))
  return { isNew, id, subject, revision, expiresAt, fields }
}

function usedMemory(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
