import './session-data.ts'

import { type CookieSessions, type Session, type Sessions, cookieSessions, createSessions } from '@holdfast/core'

import type { Answer, Surroundings } from '../contender.ts'
import { fieldsOf } from '../session-fields.ts'
import { openStore } from './open-store.ts'

/** Seals nothing but what a benchmark has made. */
const SECRET = 'rV0m7Qe3Jp9sXt1zWc5nKb8yHa2uLd4gFi6oTqZjMxE'

/** Makes the engine that all three bindings are measured with. Its lifetimes are those of the peers. */
export async function engineFor(surroundings: Surroundings): Promise<Sessions | CookieSessions> {
  const lifetimes = { idleTimeout: '1d', absoluteTimeout: '1d', cookie: { secure: false } } as const
  if (surroundings.store === 'cookie') return cookieSessions({ ...lifetimes, keys: [SECRET] })
  const sessions = createSessions({
    ...lifetimes,
    store: (await openStore(surroundings)).store,
    // The peers wait for as long as it takes. A deadline costs the same however long it is.
    storeDeadline: '10s',
    commitDeadline: '30s',
    ...(surroundings.store === 'redis-uncached' && { cache: false }),
    // Against the uncached one it shows what a seal costs each load and each write.
    ...(surroundings.store === 'redis-sealed' && { cache: false, seal: { keys: [SECRET] } }),
    // As old as by default, but large enough for 100,000 sessions.
    ...(surroundings.store === 'redis' && { cache: { maxBytes: 2 ** 28 } }),
  })
  await sessions.ready()
  return sessions
}

/** Signs in with the fields that everybody keeps. */
export function login(session: Session, user: string, size: string): void {
  session.login(user)
  for (const [name, value] of Object.entries(fieldsOf(user, size))) session.set(name as 'user', value as string)
}

/** Counts one of the fields up. Sessions in cookies have no `increment`. */
export function countUp(session: Session, { store }: Surroundings): void {
  if (store === 'cookie') session.update('visits', (visits = 0) => visits + 1)
  else session.increment('visits')
}

/** Answers who it is, from the session's fields and not from its header, as the peers do. */
export function answerOf(session: Session): Answer {
  return { user: session.get('user') ?? null, visits: session.get('visits') ?? 0 }
}
