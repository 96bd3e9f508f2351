import { describe, expect, it } from 'vitest'

import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { type LimitPolicy, type Sessions, createSessions, memoryStore } from './index.ts'

const MINUTE = 60_000
const POLICIES: readonly LimitPolicy[] = ['oldest', 'newest', 'refuse']

function processes(policy: LimitPolicy, limit = 3, count = 4): { all: Sessions[]; clock: ManualClock } {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const slow = {
    ...store,
    listSubject: async (...call: Parameters<typeof store.listSubject>) => (await pause(), store.listSubject(...call)),
  }
  const all = Array.from({ length: count }, () =>
    createSessions({ store: slow, jitter: 0, maxSessions: { limit, policy } }),
  )
  return { all, clock }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 3))

async function login(sessions: Sessions, cookie?: string): Promise<string> {
  return (await serve(sessions, cookie, (s) => s.login('ann'))).newCookie!
}

async function state(sessions: Sessions, cookie: string): Promise<unknown> {
  const session = await open(sessions, new Visit(cookie))
  return session.subject ?? session.endedBecause?.reason
}

async function states(sessions: Sessions, cookies: readonly (string | undefined)[]): Promise<unknown[]> {
  return Promise.all(cookies.map(async (cookie) => (cookie === undefined ? 'refused' : state(sessions, cookie))))
}

const tally = (values: readonly unknown[], value: unknown): number => values.filter((one) => one === value).length

describe('the number of a subject’s sessions', () => {
  for (const policy of POLICIES) {
    it(`CS-17: is exactly the limit after 100 logins at once on four processes (${policy})`, async () => {
      const { all } = processes(policy)
      const cookies = await Promise.all(
        Array.from({ length: 100 }, (_, index) => login(all[index % 4]!).catch(() => undefined)),
      )
      const after = await states(all[0]!, cookies)
      expect(tally(after, 'ann')).toBe(3)
      expect(tally(after, policy === 'refuse' ? 'refused' : 'limit')).toBe(97)
      expect((await all[1]!.list('ann')).sessions).toHaveLength(3)
    })
  }

  it('CS-17: a record that a crashed renewal left takes no seat', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const crashing = {
      ...store,
      renew: async (...[renewal, call]: Parameters<typeof store.renew>) => {
        await store.create(renewal.record, call)
        throw new Error('killed')
      },
    }
    const maxSessions = { limit: 1, policy: 'refuse' } as const
    const cookie = await login(createSessions({ store, jitter: 0, maxSessions }))
    clock.advance(16 * MINUTE)
    await serve(createSessions({ store: crashing, jitter: 0, maxSessions }), cookie, (s) => s.get('n')).catch(() => {})
    const { signal } = new AbortController()
    const left = await store.listSubject('ann', { limit: 10 }, { signal })
    expect(left.sessions).toHaveLength(2)
    const after = createSessions({ store, jitter: 0, maxSessions })
    expect(await codeOf(() => login(after))).toBe('ERR_TOO_MANY_SESSIONS')
    await serve(after, cookie, (s) => s.logout())
    expect(await state(after, await login(after))).toBe('ann')
  })

  it('CS-17: the one that signed in first goes, and is told why', async () => {
    const {
      all: [sessions],
      clock,
    } = processes('oldest', 2, 1)
    // It begins first, and signs in last.
    const early = (await serve(sessions!, undefined, (s) => s.setLifetime({ idleTimeout: '1h', persistent: true })))
      .newCookie
    const cookies: string[] = []
    for (let count = 0; count < 2; count++) {
      clock.advance(1)
      cookies.push(await login(sessions!))
    }
    const ended = await hear('holdfast:ended', async () => cookies.push(await login(sessions!, early)))
    expect(ended).toMatchObject([{ reason: 'limit' }])
    expect(await states(sessions!, cookies)).toEqual(['limit', 'ann', 'ann'])
    cookies.push(await login(sessions!))
    expect(await states(sessions!, cookies)).toEqual(['limit', 'limit', 'ann', 'ann'])
  })

  it('CS-17: the latest goes, but for the new one', async () => {
    const {
      all: [sessions],
    } = processes('newest', 2, 1)
    const cookies = [await login(sessions!), await login(sessions!), await login(sessions!)]
    expect(await states(sessions!, cookies)).toEqual(['ann', 'limit', 'ann'])
  })

  it('CS-17: the new one is refused, with 403, and signing out elsewhere makes room at once', async () => {
    const {
      all: [sessions],
    } = processes('refuse', 1, 1)
    const first = await login(sessions!)
    expect(await codeOf(() => login(sessions!))).toBe('ERR_TOO_MANY_SESSIONS')
    await serve(sessions!, first, (s) => s.logout())
    expect(await state(sessions!, await login(sessions!))).toBe('ann')
  })

  it('CS-17: does not count sessions that have idled out', async () => {
    const {
      all: [sessions],
      clock,
    } = processes('refuse', 1, 1)
    await login(sessions!)
    clock.advance(31 * MINUTE)
    expect(await state(sessions!, await login(sessions!))).toBe('ann')
  })

  it('CS-17: a renewal keeps the place in the order of logins, and signing in again takes no other', async () => {
    const {
      all: [sessions],
      clock,
    } = processes('oldest', 2, 1)
    let first = await login(sessions!)
    clock.advance(MINUTE)
    const second = await login(sessions!)
    first = (await serve(sessions!, first, (s) => s.renew())).newCookie!
    first = await login(sessions!, first)
    expect(await states(sessions!, [first, second])).toEqual(['ann', 'ann'])
    const third = await login(sessions!)
    expect(await states(sessions!, [first, second, third])).toEqual(['limit', 'ann', 'ann'])
  })

  it('CS-17: counts sessions from before there was a limit, and comes down to a limit that was lowered', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const free = createSessions({ store, jitter: 0 })
    const cookies: string[] = []
    for (let count = 0; count < 5; count++) {
      clock.advance(1)
      cookies.push(await login(free))
    }
    const limited = createSessions({ store, jitter: 0, maxSessions: 2 })
    cookies.push(await login(limited))
    expect(await states(limited, cookies)).toEqual(['limit', 'limit', 'limit', 'limit', 'ann', 'ann'])
  })

  it('costs nothing where nobody signs in', async () => {
    const {
      all: [sessions],
    } = processes('oldest', 2, 1)
    const cookie = await login(sessions!)
    const calls = await hear('holdfast:store', () => serve(sessions!, cookie, (s) => s.set('n', 1)))
    expect(calls.map(({ verb }) => verb)).toEqual(['update'])
  })

  it('is checked with all other options', () => {
    const store = memoryStore()
    expect(() => createSessions({ store, maxSessions: 0 })).toThrow(/maxSessions/)
    expect(() => createSessions({ store, maxSessions: { limit: 3, policy: 'first' as never } })).toThrow(/policy/)
    expect(() => createSessions({ store, devices: { adress: false } as never })).toThrow(
      /Did you mean `devices.address`/,
    )
  })
})
