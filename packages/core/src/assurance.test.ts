import { describe, expect, it } from 'vitest'

import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import {
  AuthError,
  type AuthRequirement,
  type Session,
  type Sessions,
  type SessionsOptions,
  createSessions,
  memoryStore,
} from './index.ts'

interface Data {
  n: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function engine(options: SessionsOptions = {}): { sessions: Sessions<Data>; clock: ManualClock } {
  const clock = manualClock()
  const store = memoryStore({ clock })
  return { sessions: createSessions<Data>({ store, jitter: 0, renewEvery: false, ...options }), clock }
}

async function after(
  sessions: Sessions<Data>,
  cookie: string | undefined,
  change: (s: Session<Data>) => void,
): Promise<string> {
  return (await serve(sessions, cookie, change)).newCookie!
}

async function shown(sessions: Sessions<Data>, cookie: string): Promise<Session<Data>> {
  return open(sessions, new Visit(cookie))
}

function shortfall(session: Session<Data>, requirement: AuthRequirement): unknown {
  try {
    session.requireAuth(requirement)
    return 'none'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return [error.status, error.code, ...error.missing]
  }
}

describe('the assurance of a session', () => {
  it('NIST 5.1-f: is that of its authentication: level, methods and time', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => {
      expect([s.level, s.methods, s.authenticatedAt]).toEqual([0, [], undefined])
      s.login('ann', { level: 2, methods: ['pwd', 'otp'] })
      expect([s.level, s.methods, s.authenticatedAt]).toEqual([2, ['pwd', 'otp'], clock.now()])
    })
    const at = clock.now()
    clock.advance(MINUTE)
    const session = await shown(sessions, cookie)
    expect([session.level, session.methods, session.authenticatedAt]).toEqual([2, ['pwd', 'otp'], at])
  })

  it('of a login that says nothing is level 1, and the next login begins it anew', async () => {
    const { sessions } = engine()
    const one = await after(sessions, undefined, (s) => s.login('ann', { level: 3, methods: ['hwk', 'pin'] }))
    const two = await after(sessions, one, (s) => s.login('ann'))
    const session = await shown(sessions, two)
    expect([session.level, session.methods]).toEqual([1, []])
  })

  it('survives changes, renewals and a conflict', async () => {
    const { sessions } = engine()
    let cookie = await after(sessions, undefined, (s) => s.login('ann', { level: 2, methods: ['passkey'] }))
    const slow = await open(sessions, new Visit(cookie))
    slow.increment('n')
    await serve(sessions, cookie, (s) => s.increment('n'))
    await sessions.finish(slow, { status: 200 })
    cookie = await after(sessions, cookie, (s) => s.renew())
    const session = await shown(sessions, cookie)
    expect([session.level, session.methods, session.get('n')]).toEqual([2, ['passkey'], 2])
  })

  it.each([
    [{ level: 2 }],
    [{ level: 2, methods: [] }],
    [{ level: 4, methods: ['pwd'] }],
    [{ level: 0, methods: ['pwd'] }],
    [{ level: 1.5, methods: ['pwd'] }],
    [{ methods: 'pwd' }],
    [{ methods: [''] }],
    [{ methods: ['x'.repeat(65)] }],
    [{ methods: Array.from({ length: 17 }, String) }],
    [{ lvl: 2 }],
  ])('NIST 5.1-f: is refused where it cannot be true: %j', async (authentication) => {
    const { sessions } = engine()
    const session = await open(sessions, new Visit())
    expect(await codeOf(() => session.login('ann', authentication as never))).toBe('ERR_OPTIONS')
    session.login('ann')
    expect(await codeOf(() => session.elevate(authentication as never))).toBe('ERR_OPTIONS')
    expect(await codeOf(() => session.reauthenticate(authentication as never))).toBe('ERR_OPTIONS')
  })
})

describe('elevate', () => {
  it('ASVS 7.2.4: raises the level under a new token, with an event', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann', { methods: ['pwd'] }))
    const { id } = await shown(sessions, cookie)
    clock.advance(5 * MINUTE)
    const events = await hear('holdfast:renewed', async () => {
      const elevated = await after(sessions, cookie, (s) => s.elevate({ level: 2, methods: ['otp'] }))
      const session = await shown(sessions, elevated)
      expect([session.id, session.level, session.methods]).toEqual([id, 2, ['pwd', 'otp']])
      expect(session.authenticatedAt).toBe(clock.now())
      expect((await shown(sessions, cookie)).isNew).toBe(true)
    })
    expect(events).toEqual([{ id, reason: 'elevate' }])
  })

  it('never lowers the level', async () => {
    const { sessions } = engine()
    const one = await after(sessions, undefined, (s) => s.login('ann', { level: 3, methods: ['hwk', 'pin'] }))
    const two = await after(sessions, one, (s) => s.elevate({ level: 2, methods: ['otp'] }))
    expect((await shown(sessions, two)).level).toBe(3)
  })

  it('NIST 5.1-5: shortens the lifetime at once, in record, store and cookie', async () => {
    const { sessions, clock } = engine()
    const remembered = await after(sessions, undefined, (s) => s.login('ann', { remember: true }))
    clock.advance(HOUR)
    const visit = await serve(sessions, remembered, (s) => s.elevate({ level: 3, methods: ['hwk'] }))
    expect(visit.setCookie).toMatch(new RegExp(`; Max-Age=${12 * 3600}$`))
    const session = await shown(sessions, visit.newCookie!)
    expect([session.expiresIn(), session.absoluteExpiresAt! - clock.now()]).toEqual([15 * MINUTE, 12 * HOUR])
    clock.advance(15 * MINUTE)
    expect((await shown(sessions, visit.newCookie!)).endedBecause).toMatchObject({ reason: 'idle' })
  })

  it('never lengthens the lifetime', async () => {
    const { sessions, clock } = engine({ idleTimeout: '10m', absoluteTimeout: '2h' })
    const cookie = await after(sessions, undefined, (s) => s.login('ann'))
    const { absoluteExpiresAt } = await shown(sessions, cookie)
    clock.advance(9 * MINUTE)
    const session = await shown(
      sessions,
      await after(sessions, cookie, (s) => s.elevate({ level: 2, methods: ['otp'] })),
    )
    expect([session.expiresIn(), session.absoluteExpiresAt]).toEqual([10 * MINUTE, absoluteExpiresAt])
  })

  it('keeps the lifetime of its level against `setLifetime`', async () => {
    const { sessions } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann', { level: 3, methods: ['hwk'] }))
    const session = await shown(sessions, cookie)
    expect(await codeOf(() => session.setLifetime({ idleTimeout: '16m' }))).toBe('ERR_OPTIONS')
    expect(await codeOf(() => session.setLifetime({ absoluteTimeout: '13h' }))).toBe('ERR_OPTIONS')
    expect(await codeOf(() => session.setLifetime({ idleTimeout: '5m', absoluteTimeout: '1h' }))).toBe('none')
  })

  it('needs somebody who has signed in, and loses to a logout', async () => {
    const { sessions } = engine()
    const proof = { level: 2, methods: ['otp'] } as const
    const nobody = await open(sessions, new Visit())
    expect(await codeOf(() => nobody.elevate(proof))).toBe('ERR_AUTH_REQUIRED')
    expect(await codeOf(() => nobody.reauthenticate())).toBe('ERR_AUTH_REQUIRED')
    const cookie = await after(sessions, undefined, (s) => s.login('ann'))
    const slow = await open(sessions, new Visit(cookie))
    slow.elevate(proof)
    await serve(sessions, cookie, (s) => s.logout())
    expect(await codeOf(() => sessions.finish(slow, { status: 200 }))).toBe('ERR_GONE')
  })

  it('is dropped with a handler that ended in 5xx, as a reauthentication is', async () => {
    const { sessions } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann'))
    for (const change of [
      (s: Session<Data>) => s.elevate({ level: 2, methods: ['otp'] }),
      (s: Session<Data>) => s.reauthenticate(),
    ]) {
      expect((await serve(sessions, cookie, change, 500)).setCookie).toBeUndefined()
      expect((await shown(sessions, cookie)).level).toBe(1)
    }
  })
})

describe('reauthenticate', () => {
  it('NIST 5.2-b: begins both lifetimes anew, under a new token', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann', { level: 2, methods: ['pwd', 'otp'] }))
    const { id } = await shown(sessions, cookie)
    clock.advance(29 * MINUTE)
    const again = await after(sessions, cookie, (s) => s.reauthenticate({ methods: ['pwd'] }))
    const session = await shown(sessions, again)
    expect([session.expiresIn(), session.absoluteExpiresAt! - clock.now()]).toEqual([30 * MINUTE, 8 * HOUR])
    expect([session.id, session.level, session.methods]).toEqual([id, 2, ['pwd', 'otp']])
    expect((await shown(sessions, cookie)).isNew).toBe(true)
  })

  it('keeps a remembered session remembered', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann', { remember: true }))
    clock.advance(DAY)
    const visit = await serve(sessions, cookie, (s) => s.reauthenticate())
    expect(visit.setCookie).toMatch(new RegExp(`; Max-Age=${30 * 24 * 3600}$`))
  })

  it('within one request after an elevation still begins them anew', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann'))
    clock.advance(20 * MINUTE)
    const both = await after(sessions, cookie, (s) => (s.reauthenticate(), s.elevate({ level: 2, methods: ['otp'] })))
    const session = await shown(sessions, both)
    expect([session.level, session.absoluteExpiresAt! - clock.now()]).toEqual([2, 8 * HOUR])
  })
})

describe('requireAuth', () => {
  it('ASVS 7.5.1: names a missing login, and an authentication that is too old', async () => {
    const { sessions, clock } = engine()
    expect(shortfall(await open(sessions, new Visit()), {})).toEqual([401, 'ERR_AUTH_REQUIRED', 'login'])
    const cookie = await after(sessions, undefined, (s) => {
      s.login('ann')
      expect(shortfall(s, { within: '5m' })).toBe('none')
    })
    clock.advance(5 * MINUTE)
    expect(shortfall(await shown(sessions, cookie), { within: '5m' })).toBe('none')
    clock.advance(1)
    const session = await shown(sessions, cookie)
    expect(shortfall(session, {})).toBe('none')
    expect(shortfall(session, { within: '5m' })).toEqual([401, 'ERR_AUTH_REQUIRED', 'freshness'])
    const again = await after(sessions, cookie, (s) => s.reauthenticate())
    expect(shortfall(await shown(sessions, again), { within: '5m' })).toBe('none')
  })

  it('sends who has not signed in to the login, where all else would be refused', async () => {
    const session = await open(createSessions<Data>({ store: memoryStore() }), new Visit())
    expect(() => session.requireAuth()).toThrow(/then call `login`\. \[ERR_AUTH_REQUIRED\]/)
  })

  it('ASVS 7.5.3: names a level that is too low', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => s.login('ann', { methods: ['pwd'] }))
    clock.advance(6 * MINUTE)
    const session = await shown(sessions, cookie)
    expect(shortfall(session, { level: 1 })).toBe('none')
    expect(shortfall(session, { level: 2 })).toEqual([403, 'ERR_AUTH_LEVEL', 'level'])
    expect(shortfall(session, { level: 2, within: '5m' })).toEqual([403, 'ERR_AUTH_LEVEL', 'level', 'freshness'])
    expect(() => session.requireAuth({ level: 2 })).toThrow(/below level 2/)
    const elevated = await after(sessions, cookie, (s) => s.elevate({ level: 2, methods: ['otp'] }))
    expect(shortfall(await shown(sessions, elevated), { level: 2, within: '5m' })).toBe('none')
  })

  it('NIST 5.1-c: is not satisfied by being remembered, until the user proves more', async () => {
    const { sessions, clock } = engine()
    const cookie = await after(sessions, undefined, (s) => {
      s.login('ann', { remember: true, level: 2, methods: ['pwd', 'otp'] })
      expect([s.level, shortfall(s, { within: '1h' })]).toEqual([1, [401, 'ERR_AUTH_REQUIRED', 'freshness']])
    })
    const session = await shown(sessions, cookie)
    expect(session.level).toBe(1)
    expect(shortfall(session, {})).toBe('none')
    expect(shortfall(session, { within: '30d' })).toEqual([401, 'ERR_AUTH_REQUIRED', 'freshness'])
    expect(shortfall(session, { level: 2 })).toEqual([403, 'ERR_AUTH_LEVEL', 'level'])
    clock.advance(HOUR)
    const again = await after(sessions, cookie, (s) => s.reauthenticate())
    clock.advance(MINUTE)
    const proved = await shown(sessions, again)
    expect(shortfall(proved, { within: '1m' })).toBe('none')
    await serve(sessions, again, (s) => s.set('n', 1))
    expect(shortfall(await shown(sessions, again), { within: '1m' })).toBe('none')
    clock.advance(1)
    expect(shortfall(await shown(sessions, again), { within: '1m' })).not.toBe('none')
  })

  it.each([[{ level: 5 }], [{ within: 'soon' }], [{ levle: 2 }]])('refuses %j', async (requirement) => {
    const session = await open(engine().sessions, new Visit())
    expect(await codeOf(() => session.requireAuth(requirement as never))).toBe('ERR_OPTIONS')
  })
})
