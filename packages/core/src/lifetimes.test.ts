import { describe, expect, it, vi } from 'vitest'

import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { type Session, type Sessions, type SessionsOptions, createSessions, memoryStore } from './index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface Data {
  n: number
}

/** Lifetimes to the millisecond, and the same for all. */
const EXACT: SessionsOptions = {
  jitter: 0,
  renewEvery: false,
  anonymous: { idleTimeout: '30m', absoluteTimeout: '8h' },
}

function engine(options: SessionsOptions = {}): { sessions: Sessions<Data>; clock: ManualClock } {
  const clock = manualClock()
  return { sessions: createSessions<Data>({ store: memoryStore({ clock }), ...EXACT, ...options }), clock }
}

const begin = async (
  sessions: Sessions<Data>,
  fill: (s: Session<Data>) => void = (s) => s.set('n', 0),
): Promise<string> => (await serve(sessions, undefined, fill)).newCookie!

const isLive = async (sessions: Sessions<Data>, cookie: string): Promise<boolean> =>
  !(await open(sessions, new Visit(cookie))).isNew

/** Uses a session and waits until its touch, if one was due, has reached the store. */
async function use(sessions: Sessions<Data>, cookie: string): Promise<void> {
  await serve(sessions, cookie, (s) => s.get('n'))
  await new Promise((resolve) => setImmediate(resolve))
}

describe('the nearest limit ends a session', () => {
  it('ASVS 7.3.1, NIST 5.2-a: idle: unused for the idle timeout', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(30 * MINUTE - 1)
    expect(await isLive(sessions, cookie)).toBe(true)
    clock.advance(1)
    const events = await hear('holdfast:rejected', async () => expect(await isLive(sessions, cookie)).toBe(false))
    expect(events).toMatchObject([{ reason: 'idle' }])
  })

  it('ASVS 7.3.2, NIST 5.2-a: absolute: however busy it is', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    for (let minute = 0; minute < 8 * 60 - 1; minute++) {
      clock.advance(MINUTE)
      await use(sessions, cookie)
    }
    expect(await isLive(sessions, cookie)).toBe(true)
    clock.advance(MINUTE)
    const events = await hear('holdfast:rejected', async () => expect(await isLive(sessions, cookie)).toBe(false))
    expect(events).toMatchObject([{ reason: 'absolute' }])
  })

  it('NIST 5.2-b: renewal does not extend it, login begins anew', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    const end = (await open(sessions, new Visit(cookie))).absoluteExpiresAt!
    clock.advance(10 * MINUTE)
    const renewed = (await serve(sessions, cookie, (s) => s.renew())).newCookie!
    expect((await open(sessions, new Visit(renewed))).absoluteExpiresAt).toBe(end)
    const signedIn = (await serve(sessions, renewed, (s) => s.login('ann'))).newCookie!
    expect((await open(sessions, new Visit(signedIn))).absoluteExpiresAt).toBe(end + 10 * MINUTE)
  })
})

describe('touching', () => {
  it('NIST 5.2-b: moves the idle deadline once a tenth of the timeout has passed, and writes nothing else', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    const calls = await hear('holdfast:store', async () => {
      for (let second = 0; second < 180; second++) {
        await use(sessions, cookie)
        clock.advance(1000)
      }
      await use(sessions, cookie)
      await use(sessions, cookie)
    })
    expect(calls.filter(({ verb }) => verb !== 'load').map(({ verb }) => verb)).toEqual(['touch'])
    clock.advance(30 * MINUTE - 1)
    expect(await isLive(sessions, cookie)).toBe(true)
  })

  it('comes once from requests that overlap', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(5 * MINUTE)
    const calls = await hear('holdfast:store', async () => {
      const handles = await Promise.all(Array.from({ length: 100 }, () => open(sessions, new Visit(cookie))))
      for (const session of handles) {
        session.get('n')
        expect(sessions.finish(session, { status: 200 })).toBeUndefined()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    expect(calls.filter(({ verb }) => verb === 'touch')).toMatchObject([{ size: 1 }])
  })

  it('reaches up to the absolute end', async () => {
    const { sessions, clock } = engine({ idleTimeout: '1h', absoluteTimeout: '2h', anonymous: {} })
    const cookie = await begin(sessions)
    clock.advance(59 * MINUTE)
    await use(sessions, cookie)
    clock.advance(58 * MINUTE)
    await use(sessions, cookie)
    clock.advance(3 * MINUTE - 1)
    expect(await isLive(sessions, cookie)).toBe(true)
  })

  it('by a request that does not know of a shortened timeout prolongs nothing', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(5 * MINUTE)
    const late = await open(sessions, new Visit(cookie))
    late.get('n')
    await serve(sessions, cookie, (s) => s.setLifetime({ idleTimeout: '1m' }))
    expect(sessions.finish(late, { status: 200 })).toBeUndefined()
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(MINUTE)
    expect(await isLive(sessions, cookie)).toBe(false)
  })

  it('NIST 5.1.2: is left out by a handler that does not use the session, and by passive requests', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(20 * MINUTE)
    await serve(sessions, cookie, () => {})
    const poll = await open(sessions, new Visit(cookie), { passive: true })
    poll.get('n')
    poll.increment('n')
    await sessions.finish(poll, { status: 200 })
    clock.advance(10 * MINUTE)
    expect(await isLive(sessions, cookie)).toBe(false)
  })

  it('is not needed after a login on a passive request, which begins lifetimes anew', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(29 * MINUTE)
    const visit = new Visit(cookie)
    const session = await open(sessions, visit, { passive: true })
    session.login('ann')
    await sessions.finish(session, { status: 200 })
    clock.advance(29 * MINUTE)
    expect(await isLive(sessions, visit.newCookie!)).toBe(true)
  })

  it('that fails is tried again at the next use, and warned of once', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    let isBroken = true
    const flaky = new Proxy(store, {
      get: (target, name) =>
        name === 'touch'
          ? (...call: Parameters<typeof store.touch>) =>
              isBroken ? Promise.reject(new Error('no')) : store.touch(...call)
          : Reflect.get(target, name, target),
    })
    const sessions = createSessions<Data>({ store: flaky, ...EXACT })
    const cookie = await begin(sessions)
    clock.advance(20 * MINUTE)
    await serve(sessions, cookie, (s) => s.get('n'))
    await vi.waitFor(async () => {
      isBroken = false
      await use(sessions, cookie)
      expect((await open(sessions, new Visit(cookie))).expiresAt).toBe(clock.now() + 30 * MINUTE)
    })
  })
})

describe('the cookie', () => {
  it('NIST 5.1-b: has no Max-Age unless the session is remembered, then it runs to the absolute end', async () => {
    const { sessions } = engine()
    const plain = await serve(sessions, undefined, (s) => s.login('ann'))
    expect(plain.setCookie).not.toMatch(/max-age|expires/i)
    const remembered = await serve(sessions, undefined, (s) => s.login('ann', { remember: true }))
    expect(remembered.setCookie).toMatch(new RegExp(`; Max-Age=${30 * 24 * 3600}$`))
  })

  it('follows a changed lifetime, which survives touches and renewal', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    const visit = await serve(sessions, cookie, (s) =>
      s.setLifetime({ idleTimeout: '2d', absoluteTimeout: '10d', persistent: true }),
    )
    expect(visit.newCookie).toBe(cookie)
    expect(visit.setCookie).toMatch(new RegExp(`; Max-Age=${10 * 24 * 3600}$`))
    clock.advance(DAY)
    await use(sessions, cookie)
    clock.advance(2 * DAY - 1)
    const renewed = await serve(sessions, cookie, (s) => s.renew())
    expect(renewed.setCookie).toMatch(new RegExp(`; Max-Age=${7 * 24 * 3600}$`))
    clock.advance(2 * DAY)
    expect(await isLive(sessions, renewed.newCookie!)).toBe(false)
  })

  it('is not sent again by a change of fields or a touch', async () => {
    const { sessions, clock } = engine()
    const cookie = (await serve(sessions, undefined, (s) => s.login('ann', { remember: true }))).newCookie!
    clock.advance(5 * DAY)
    expect((await serve(sessions, cookie, (s) => s.increment('n'))).setCookie).toBeUndefined()
  })
})

describe('setLifetime', () => {
  it('shortens at once', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    await serve(sessions, cookie, (s) => s.setLifetime({ idleTimeout: '1m' }))
    clock.advance(MINUTE)
    expect(await isLive(sessions, cookie)).toBe(false)
  })

  it('counts from a login of the same request', async () => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(20 * MINUTE)
    const visit = await serve(sessions, cookie, (s) => (s.login('ann'), s.setLifetime({ absoluteTimeout: '15m' })))
    const session = await open(sessions, new Visit(visit.newCookie))
    expect(session.absoluteExpiresAt).toBe(clock.now() + 15 * MINUTE)
  })

  it.each([
    [{ idleTimeout: '401d' }],
    [{ absoluteTimeout: 401 * DAY }],
    [{ absoluteTimeout: '5m' }],
    [{ idleTimeout: 'soon' }],
    [{ idleTimeout: 0 }],
  ])('refuses %j', async (lifetime) => {
    const { sessions, clock } = engine()
    const cookie = await begin(sessions)
    clock.advance(6 * MINUTE)
    const session = await open(sessions, new Visit(cookie))
    expect(await codeOf(() => session.setLifetime(lifetime as never))).toBe('ERR_OPTIONS')
  })
})

describe('a session that nobody has signed in to', () => {
  it('is short, and becomes as long as others when somebody signs in, with what it holds', async () => {
    const { sessions, clock } = engine({ anonymous: {} })
    const cookie = await begin(sessions, (s) => s.set('n', 7))
    clock.advance(10 * MINUTE - 1)
    const signedIn = (await serve(sessions, cookie, (s) => s.login('ann'))).newCookie!
    clock.advance(30 * MINUTE - 1)
    expect((await open(sessions, new Visit(signedIn))).get('n')).toBe(7)
    const other = await begin(sessions)
    clock.advance(10 * MINUTE)
    expect(await isLive(sessions, other)).toBe(false)
  })

  it.each([
    [{ anonymous: { idleTimeout: '3m', absoluteTimeout: '5m' } }, 3 * MINUTE, 5 * MINUTE],
    [{ anonymous: { absoluteTimeout: '5m' } }, 5 * MINUTE, 5 * MINUTE],
    [{ anonymous: { idleTimeout: '1h', absoluteTimeout: '3h' } }, HOUR, 3 * HOUR],
    [{ anonymous: {}, idleTimeout: '20m' }, 20 * MINUTE, 2 * HOUR],
    [{ anonymous: {}, absoluteTimeout: '20m' }, 10 * MINUTE, 20 * MINUTE],
    [{ anonymous: { idleTimeout: '2m' }, idleTimeout: '20m' }, 2 * MINUTE, 2 * HOUR],
    [{ anonymous: {}, profile: 'aal1' }, 10 * MINUTE, 2 * HOUR],
  ] as const)('lives with %j for %d ms, %d ms in all', async (options, idle, absolute) => {
    const { sessions, clock } = engine(options)
    const session = await open(sessions, new Visit(await begin(sessions)))
    expect([session.expiresIn(), session.absoluteExpiresAt! - clock.now()]).toEqual([idle, absolute])
  })

  it.each([{ idleTimeout: '16m' }, { absoluteTimeout: '13h' }, { idle: '5m' }])('refuses %j', async (anonymous) => {
    expect(await codeOf(() => engine({ profile: 'aal3', anonymous: anonymous as never }))).toBe('ERR_OPTIONS')
  })
})

describe('jitter', () => {
  const idleOf = async (sessions: Sessions<Data>, cookie: string): Promise<number> =>
    (await open(sessions, new Visit(cookie))).expiresIn()!

  it('shortens the idle timeout of each session by its own share, at most 5 %, and never the absolute end', async () => {
    const { sessions, clock } = engine({ jitter: 0.05 })
    const lengths: number[] = []
    for (let count = 0; count < 300; count++) {
      const cookie = await begin(sessions, (s) => s.login('ann'))
      lengths.push(await idleOf(sessions, cookie))
      expect((await open(sessions, new Visit(cookie))).absoluteExpiresAt).toBe(clock.now() + 8 * HOUR)
    }
    const most = 30 * MINUTE
    expect(Math.max(...lengths)).toBeLessThanOrEqual(most)
    expect(Math.min(...lengths)).toBeGreaterThan(most * 0.95)
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(most * 0.04)
  })

  it('stays the same for a session, whatever happens to it', async () => {
    const { sessions } = engine({ jitter: 0.05 })
    let cookie = await begin(sessions, (s) => s.login('ann'))
    const length = await idleOf(sessions, cookie)
    for (const change of [
      (s: Session<Data>) => s.renew(),
      (s: Session<Data>) => s.reauthenticate(),
      (s: Session<Data>) => s.login('ann'),
    ]) {
      cookie = (await serve(sessions, cookie, change)).newCookie!
      expect(await idleOf(sessions, cookie)).toBe(length)
    }
    await serve(sessions, cookie, (s) => s.setLifetime({ idleTimeout: '20m' }))
    expect(await idleOf(sessions, cookie)).toBe(20 * MINUTE)
  })

  it.each([-0.01, 0.06, Number.NaN, '5%', true])('of %j is refused', async (jitter) => {
    expect(await codeOf(() => engine({ jitter: jitter as number }))).toBe('ERR_OPTIONS')
  })
})

describe('the response header with the time left', () => {
  const left = (visit: Visit): string[] => visit.sent('session-expires-in')

  it('NIST 5.2-c: tells the seconds after this request, where the session was used', async () => {
    const { sessions, clock } = engine({ timeLeftHeader: 'Session-Expires-In' })
    const first = await serve(sessions, undefined, (s) => s.login('ann'))
    expect(left(first)).toEqual(['1800'])
    const cookie = first.newCookie!
    clock.advance(2 * MINUTE)
    expect(left(await serve(sessions, cookie, (s) => s.get('n')))).toEqual(['1680'])
    clock.advance(2 * MINUTE)
    expect(left(await serve(sessions, cookie, (s) => s.get('n')))).toEqual(['1800'])
    expect(left(await serve(sessions, cookie, () => {}))).toEqual([])
    expect(left(await serve(sessions, cookie, (s) => s.logout()))).toEqual([])
    expect(left(await serve(sessions, undefined, (s) => s.get('n')))).toEqual([])
  })

  it('is extended by no passive request, which tells what is left', async () => {
    const { sessions, clock } = engine({ timeLeftHeader: 'session-expires-in' })
    const cookie = await begin(sessions, (s) => s.login('ann'))
    clock.advance(20 * MINUTE)
    const visit = new Visit(cookie)
    const session = await open(sessions, visit, { passive: true })
    session.get('n')
    await sessions.finish(session, { status: 200 })
    expect(left(visit)).toEqual(['600'])
  })

  it.each(['', 'a b', 'x\r\ny', 5, true])('cannot be named %j', async (timeLeftHeader) => {
    expect(await codeOf(() => engine({ timeLeftHeader: timeLeftHeader as string }))).toBe('ERR_OPTIONS')
  })
})

describe('profiles', () => {
  it.each([
    ['CS-8', 'owasp', 30 * MINUTE, 8 * HOUR],
    ['NIST 5.2-AAL1', 'aal1', 30 * DAY, 30 * DAY],
    ['NIST 5.2-AAL2', 'aal2', HOUR, 24 * HOUR],
    ['NIST 5.2-AAL3', 'aal3', 15 * MINUTE, 12 * HOUR],
  ] as const)('%s: %s', async (_, profile, idle, absolute) => {
    const { sessions, clock } = engine({ profile, anonymous: {} })
    const session = await open(sessions, new Visit(await begin(sessions, (s) => s.login('ann'))))
    expect([session.expiresAt! - clock.now(), session.absoluteExpiresAt! - clock.now()]).toEqual([idle, absolute])
  })

  it.each([
    ['NIST 5.2-AAL1', 'aal1', { absoluteTimeout: '31d' }],
    ['NIST 5.2-AAL2', 'aal2', { idleTimeout: '61m' }],
    ['NIST 5.2-AAL3', 'aal3', { absoluteTimeout: '13h' }],
    ['NIST 5.2-AAL3', 'aal3', { remember: { absoluteTimeout: '13h' } }],
  ] as const)('%s: %s refuses %j', async (_, profile, lifetimes) => {
    expect(await codeOf(() => engine({ profile, ...lifetimes }))).toBe('ERR_OPTIONS')
  })
})

describe('a session of a profile', () => {
  it.each([
    ['NIST 5.2-AAL1: lasts 30 days', 'aal1', DAY, 30 * DAY],
    ['NIST 5.2-AAL3: lasts 12 hours', 'aal3', 14 * MINUTE, 12 * HOUR],
  ] as const)('%s, however often it is used', async (_, profile, pause, absolute) => {
    const { sessions, clock } = engine({ profile, anonymous: {} })
    const cookie = await begin(sessions, (s) => s.login('ann'))
    const end = clock.now() + absolute
    while (clock.now() + pause < end) {
      clock.advance(pause)
      await serve(sessions, cookie, (s) => expect(s.subject).toBe('ann'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    clock.advance(end - clock.now())
    const { endedBecause } = await open(sessions, new Visit(cookie))
    expect(endedBecause).toEqual({ reason: 'absolute', at: end })
  })

  it('NIST 5.2-AAL3: is over for good after 15 minutes without use: only a full authentication helps', async () => {
    const { sessions, clock } = engine({ profile: 'aal3', anonymous: {} })
    const cookie = await begin(sessions, (s) => s.login('ann', { level: 3, methods: ['pwd', 'fido'] }))
    clock.advance(15 * MINUTE)
    await serve(sessions, cookie, async (s) => {
      expect([s.suspended, s.endedBecause?.reason]).toEqual([undefined, 'idle'])
      expect(await codeOf(() => s.reauthenticate())).toBe('ERR_AUTH_REQUIRED')
    })
  })
})

describe('a step of the wall clock', () => {
  it.each([-HOUR, HOUR])('by %d ms lets nothing outlive its absolute end', async (step) => {
    const platform = { wall: Date.UTC(2030, 0, 1), monotonic: 1000 }
    const pass = (milliseconds: number): void => {
      platform.wall += milliseconds
      platform.monotonic += milliseconds
    }
    vi.spyOn(Date, 'now').mockImplementation(() => platform.wall)
    vi.spyOn(performance, 'now').mockImplementation(() => platform.monotonic)
    try {
      const sessions = createSessions<Data>({
        store: memoryStore(),
        ...EXACT,
        idleTimeout: '2h',
        absoluteTimeout: '2h',
        anonymous: {},
      })
      const cookie = await begin(sessions)
      pass(10 * MINUTE)
      platform.wall += step
      expect(await isLive(sessions, cookie)).toBe(true)
      await use(sessions, cookie)
      pass(110 * MINUTE)
      expect(await isLive(sessions, cookie)).toBe(false)
    } finally {
      vi.restoreAllMocks()
    }
  })
})
