import { describe, expect, it } from 'vitest'

import { interfered } from '../test/stores.ts'
import { type ManualClock, Visit, manualClock, open, serve } from '../test/visit.ts'
import { type Ending, type MemoryStore, type Sessions, createSessions, memoryStore } from './index.ts'
import { keyOf } from './mechanisms/token.ts'

interface Data {
  n: number
}

const MINUTE = 60_000

function engine(): { sessions: Sessions<Data>; clock: ManualClock; store: MemoryStore } {
  const clock = manualClock()
  const store = memoryStore({ clock })
  return { sessions: createSessions<Data>({ store, jitter: 0, renewEvery: false }), clock, store }
}

const signIn = async (sessions: Sessions<Data>): Promise<string> =>
  (await serve(sessions, undefined, (s) => s.login('ann'))).newCookie!

const why = async (sessions: Sessions<Data>, cookie: string): Promise<Ending | undefined> =>
  (await open(sessions, new Visit(cookie))).endedBecause

describe('the next request of a session that is over can ask why', () => {
  it('idle, absolute: since when', async () => {
    const { sessions, clock } = engine()
    const begunAt = clock.now()
    const idle = await signIn(sessions)
    clock.advance(30 * MINUTE + 5)
    expect(await why(sessions, idle)).toEqual({ reason: 'idle', at: begunAt + 30 * MINUTE })
    const short = (await serve(sessions, undefined, (s) => (s.login('ann'), s.setLifetime({ absoluteTimeout: '1m' }))))
      .newCookie!
    clock.advance(MINUTE)
    expect(await why(sessions, short)).toEqual({ reason: 'absolute', at: clock.now() })
  })

  it('logout: its own, a destroy, another login of the same client', async () => {
    const { sessions, clock } = engine()
    for (const end of ['logout', 'destroy', 'login'] as const) {
      const cookie = await signIn(sessions)
      await serve(sessions, cookie, (s) => (end === 'login' ? s.login('bob') : s[end]()))
      const at = clock.now()
      clock.advance(1000)
      expect(await why(sessions, cookie)).toEqual({ reason: 'logout', at })
    }
  })

  it.each(['elsewhere', 'limit', 'reuse'] as const)('%s, as its tombstone says', async (reason) => {
    const { sessions, clock, store } = engine()
    const cookie = await signIn(sessions)
    const { signal } = new AbortController()
    const commitId = 'c'.repeat(11)
    const tombstone = { reason, at: clock.now(), id: undefined, commitId }
    await store.end(keyOf(cookie.slice(3)), tombstone, { signal, commitId })
    expect(await why(sessions, cookie)).toEqual({ reason, at: clock.now() })
  })

  it('evicted: by a store that is full', async () => {
    const clock = manualClock()
    const sessions = createSessions<Data>({ store: memoryStore({ clock, maxRecords: 3 }) })
    const cookie = (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!
    for (let n = 0; n < 3; n++) await serve(sessions, undefined, (s) => s.set('n', n))
    expect(await why(sessions, cookie)).toEqual({ reason: 'evicted', at: clock.now() })
  })

  it('unreadable, unknown', async () => {
    const { sessions, store } = engine()
    const cookie = await signIn(sessions)
    const broken = interfered(
      {
        load: async (run) => {
          const found = (await run()) as { record: object }
          return { ...found, record: { ...found.record, body: new Uint8Array() } }
        },
      },
      store,
    )
    expect(await why(createSessions<Data>({ store: broken }), cookie)).toEqual({ reason: 'unreadable', at: undefined })
    expect(await why(sessions, `id=${'A'.repeat(32)}`)).toEqual({ reason: 'unknown', at: undefined })
  })

  it('nothing is said where nothing ended, and it stays said while the request goes on', async () => {
    const { sessions } = engine()
    expect((await open(sessions, new Visit())).endedBecause).toBeUndefined()
    const cookie = await signIn(sessions)
    expect(await why(sessions, cookie)).toBeUndefined()
    await serve(sessions, cookie, async (s) => {
      s.logout()
      expect(s.endedBecause).toBeUndefined()
    })
    await serve(sessions, cookie, async (s) => {
      s.login('ann')
      await s.commit()
      expect([s.isNew, s.endedBecause?.reason]).toEqual([false, 'logout'])
      s.logout()
      await s.commit()
      expect([s.isNew, s.endedBecause?.reason]).toEqual([true, 'logout'])
    })
  })

  it('of a token that a login replaced nothing is said: its session goes on', async () => {
    const { sessions } = engine()
    const cookie = await signIn(sessions)
    await serve(sessions, cookie, (s) => s.renew())
    expect(await why(sessions, cookie)).toBeUndefined()
  })
})
