/** Why a session is over, as its next request is told, on every store. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Ending, Found, OfferedRecord, SessionList, Sessions } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Browser } from '../../src/index.ts'
import { type Data, json } from '../frameworks/site.ts'
import { keyOf, onStage, post, type Stage } from '../promises/stage.ts'
import { lasting, openEmpty, type Process, REAL_STORES } from './real-stores.ts'

const MINUTE = 60_000
/** How long a short session lives, in milliseconds. */
const LIFE = 1_000
/** How exactly the clocks of store and engine agree, in milliseconds. */
const BLUR = 50
const { signal } = new AbortController()

describe.each(REAL_STORES)('the next request of a session that is over, on $name by $framework.name', (real) => {
  let opened: Process
  /** How far the engine is ahead of the store, in milliseconds. */
  let ahead = 0

  beforeAll(async () => {
    opened = await openEmpty(real)
  })
  afterAll(() => opened?.close())

  const now = (): number => opened.store.clock!.now() + ahead
  let engine: Sessions<Data>

  const routes = [
    { method: 'GET' as const, path: '/why', handle: ({ session }) => json(session.endedBecause ?? {}) },
    { method: 'GET' as const, path: '/ends', handle: ({ session }) => json(session.expiresAt) },
    {
      method: 'GET' as const,
      path: '/devices',
      handle: async ({ session }) => json(await engine.list(session.subject!, { current: session })),
    },
    post('/lifetime', ({ session, query }) => session.setLifetime(JSON.parse(query['of']!) as object)),
    post('/logout', ({ session }) => session.logout()),
    post('/destroy', ({ session }) => session.destroy()),
    post('/end', async ({ session, query }) => void (await engine.end(session.subject!, query['id']!))),
    post('/end-everything', () => engine.endEverything()),
  ] satisfies Parameters<typeof onStage>[1]['routes']

  async function played(play: (stage: Stage, user: Browser) => Promise<void>, subject: string): Promise<void> {
    ahead = 0
    const clock = { now }
    const options = { jitter: 0, maxSessions: 2, clock, storeDeadline: '10s', commitDeadline: '20s' } as const
    await onStage(real.framework.serve, { routes, inner: lasting(opened.store), engine: options }, async (stage) => {
      engine = stage.engines[0]!
      const user = stage.browser()
      await user.post(`/login?user=${subject}`)
      await play(stage, user)
    })
  }

  async function recordOf(user: Browser): Promise<Found> {
    const found = await opened.store.load(keyOf(user.cookie!), { signal })
    if (found.outcome !== 'found') throw new Error('There is no record.')
    return found
  }

  const why = async (user: Browser): Promise<Ending> => (await user.get('/why')).json<Ending>()

  /** Does what ends a session, and expects to be told of it with its time. */
  async function expectTold(user: Browser, reason: string, end: () => Promise<unknown>): Promise<void> {
    const cookie = user.cookie!
    const from = now()
    await end()
    const to = now()
    const told = (await user.send({ path: '/why', cookie })).json<Ending>()
    expect(told.reason).toBe(reason)
    expect(told.at).toBeGreaterThanOrEqual(from - BLUR)
    expect(told.at).toBeLessThanOrEqual(to + BLUR)
  }

  it.each([
    ['idle', { idleTimeout: LIFE }],
    ['absolute', { idleTimeout: '1m', absoluteTimeout: LIFE }],
  ])('%s: since when', async (reason, lifetime) => {
    await played(async (_, user) => {
      await user.post(`/lifetime?of=${encodeURIComponent(JSON.stringify(lifetime))}`)
      const earliest = (await user.get('/ends')).json<number>()
      // Asking was a use, too.
      const latest = reason === 'idle' ? now() + LIFE : earliest
      await delay(latest - now() + 2 * BLUR)
      const told = await why(user)
      expect(told.reason).toBe(reason)
      expect(told.at).toBeGreaterThanOrEqual(earliest)
      expect(told.at).toBeLessThanOrEqual(latest + BLUR)
    }, reason)
  })

  it('logout: its own, a destroy, another login of the same client', async () => {
    for (const path of ['/logout', '/destroy', '/login?user=somebody']) {
      await played((_, user) => expectTold(user, 'logout', () => user.post(path)), `leaver of ${path}`)
    }
  })

  it('elsewhere: one of the list, and the end of everything', async () => {
    await played(async (stage, user) => {
      const other = stage.browser()
      await other.post('/login?user=rover')
      const { sessions } = (await other.get('/devices')).json<SessionList>()
      const { id } = sessions.find(({ isCurrent }) => !isCurrent)!
      await expectTold(user, 'elsewhere', () => other.post(`/end?id=${id}`))
      await expectTold(other, 'elsewhere', () => stage.browser().post('/end-everything'))
    }, 'rover')
  })

  it('limit: the oldest of too many', async () => {
    await played(async (stage, user) => {
      await stage.browser().post('/login?user=hoarder')
      await expectTold(user, 'limit', () => stage.browser().post('/login?user=hoarder'))
    }, 'hoarder')
  })

  it('OA-2: reuse: an old token that came back after its grace', async () => {
    await played(async (stage, user) => {
      const old = user.cookie!
      ahead += 16 * MINUTE
      await user.get('/state')
      expect(user.cookie).not.toBe(old)
      await user.get('/state')
      // That the new token was presented is noted while nobody waits.
      await until(async () => (await recordOf(user)).record.revision > 2)
      ahead += MINUTE
      await expectTold(user, 'reuse', () => stage.browser().send({ path: '/state', cookie: old }))
    }, 'victim')
  })

  it('unreadable: what nobody can decode', async () => {
    await played(async (_, user) => {
      const { record, idleUntil } = await recordOf(user)
      const commitId = 'broken-body'
      const broken: OfferedRecord = {
        ...record,
        idleUntil,
        revision: record.revision + 1,
        commits: [commitId, ...record.commits].slice(0, 4),
        body: new Uint8Array([1]),
      }
      await opened.store.update(broken, record.revision, { signal, commitId })
      await delay(50)
      expect(await why(user)).toEqual({ reason: 'unreadable' })
    }, 'owner')
  })

  it('unknown: a token that leads nowhere', async () => {
    await played(async (_, user) => {
      const [name] = user.cookie!.split('=')
      const answer = await user.send({ path: '/why', cookie: `${name}=${'A'.repeat(32)}` })
      expect(answer.json()).toEqual({ reason: 'unknown' })
    }, 'stranger')
  })
})

/** Waits until something holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 500; left > 0 && !(await holds()); left--) await delay(20)
}
