import { randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { type Session, type Sessions, type SessionsOptions, createSessions, memoryStore } from './index.ts'

interface Data {
  n: number
  messages: string[]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Stage {
  readonly sessions: Sessions<Data>
  readonly clock: ManualClock
  /** Signs in at level 2 with a field, and answers the cookie. */
  signIn(subject?: string, change?: (session: Session<Data>) => void): Promise<string>
}

function stage(options: Partial<SessionsOptions> = {}): Stage {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const sessions = createSessions<Data>({ store, profile: 'aal2', jitter: 0, renewEvery: false, ...options })
  const signIn: Stage['signIn'] = async (subject = 'ann', change) => {
    const visit = await serve(sessions, undefined, (s) => {
      s.login(subject, { level: 2, methods: ['pwd', 'otp'] })
      s.set('n', 7)
      change?.(s)
    })
    return visit.newCookie!
  }
  return { sessions, clock, signIn }
}

const shown = async (sessions: Sessions<Data>, cookie: string): Promise<Session<Data>> =>
  open(sessions, new Visit(cookie), { passive: true })

describe('a session of the profile aal2 that nobody has used for an hour', () => {
  it('NIST 5.2-AAL2: is suspended: it reads as empty, and neither ends nor gets a cookie', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    const [signedInAt, at] = [clock.now(), clock.now() + HOUR]
    clock.advance(HOUR - 1)
    expect((await shown(sessions, cookie)).suspended).toBeUndefined()
    clock.advance(1)
    for (const after of [0, 60_001, 22 * HOUR]) {
      clock.advance(after)
      const rejected = await hear('holdfast:rejected', async () => {
        const visit = await serve(sessions, cookie, (s) => {
          expect([s.isNew, s.subject, s.level, s.keys(), s.get('n'), s.has('n')]).toEqual([
            true,
            undefined,
            0,
            [],
            undefined,
            false,
          ])
          expect([s.expiresAt, s.expiresIn(), s.authenticatedAt, s.methods]).toEqual([
            undefined,
            undefined,
            undefined,
            [],
          ])
          expect(s.suspended).toEqual({ subject: 'ann', at, until: signedInAt + 24 * HOUR })
          expect(s.endedBecause).toEqual({ reason: 'idle', at })
        })
        expect(visit.sent('set-cookie')).toEqual([])
      })
      expect(rejected).toMatchObject([{ reason: 'suspended' }])
    }
  })

  it.each<[string, (session: Session<Data>) => unknown]>([
    ['set', (s) => s.set('n', 1)],
    ['delete', (s) => s.delete('n')],
    ['update', (s) => s.update('n', () => 1)],
    ['increment', (s) => s.increment('n')],
    ['renew', (s) => s.renew()],
    ['logout', (s) => s.logout()],
    ['elevate', (s) => s.elevate({ level: 2, methods: ['otp'] })],
    ['setLifetime', (s) => s.setLifetime({ idleTimeout: '5m' })],
    ['requireAuth', (s) => s.requireAuth()],
  ])('NIST 5.2-AAL2: refuses %s with ERR_SUSPENDED, and stays as it was', async (_, change) => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = await serve(sessions, cookie, async (s) => {
      expect(await codeOf(() => change(s))).toBe('ERR_SUSPENDED')
    })
    expect(visit.headers.filter(([name]) => name !== 'vary')).toEqual([])
    await serve(sessions, cookie, (s) => {
      s.reauthenticate()
      expect([s.get('n'), s.level, s.revision]).toEqual([7, 2, 1])
    })
  })

  it('names what is missing for a route that asks for a level', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const session = await shown(sessions, cookie)
    const failure = (level: 2 | 3): unknown => {
      try {
        return session.requireAuth({ level })
      } catch (error) {
        return error
      }
    }
    expect(failure(2)).toMatchObject({ code: 'ERR_SUSPENDED', status: 401, missing: ['freshness'], level: 2 })
    expect(failure(3)).toMatchObject({ code: 'ERR_SUSPENDED', missing: ['level', 'freshness'], level: 3 })
    // `elevate` would be refused as well.
    expect((failure(2) as Error).message).toContain('then call `reauthenticate` or `login`. [ERR_SUSPENDED]')
  })

  it('refuses at the commit what was recorded before it was loaded', async () => {
    const { sessions, clock, signIn } = stage({ load: 'lazy' })
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    session.set('n', 1)
    expect(await codeOf(() => session.commit())).toBe('ERR_SUSPENDED')
    expect(await codeOf(() => session.commit())).toBe('none')
    expect(visit.setCookie).toBeUndefined()
    const ending = await open(sessions, new Visit(cookie))
    ending.destroy()
    await ending.commit()
    expect((await (await shown(sessions, cookie)).load()).endedBecause?.reason).toBe('logout')
  })

  it('is not moved by a request that began in time and ends too late', async () => {
    const { sessions, clock, signIn } = stage({ renewEvery: '15m' })
    const cookie = await signIn()
    clock.advance(HOUR - 1)
    const visit = await serve(sessions, cookie, (s) => {
      expect(s.get('n')).toBe(7)
      clock.advance(2)
    })
    expect(visit.setCookie).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await shown(sessions, cookie)).suspended).toBeDefined()
  })

  it('is not changed by one either, unless another request has kept it alive', async () => {
    for (const isKept of [false, true]) {
      const { sessions, clock, signIn } = stage()
      const cookie = await signIn()
      clock.advance(HOUR - 1)
      const session = await open(sessions, new Visit(cookie))
      session.increment('n')
      if (isKept) await serve(sessions, cookie, (s) => s.get('n'))
      await new Promise((resolve) => setTimeout(resolve, 5))
      clock.advance(1)
      expect(await codeOf(() => session.commit())).toBe(isKept ? 'none' : 'ERR_GONE')
      expect((await shown(sessions, cookie)).get('n')).toBe(isKept ? 8 : undefined)
    }
  })

  it('is told as idle to who watches it', { timeout: 8000 }, async () => {
    const { sessions, clock, signIn } = stage()
    const session = await open(sessions, new Visit(await signIn()))
    const told = new Promise((resolve) => sessions.watch(session, resolve))
    clock.advance(HOUR)
    expect(await told).toEqual({ type: 'ended', reason: 'idle', at: clock.now() })
    await sessions.close()
  })
})

describe('one factor', () => {
  it('NIST 5.2-AAL2: revives it under a new token, with all that it held, and its idle timeout begins anew', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    const { id, absoluteExpiresAt } = await shown(sessions, cookie)
    clock.advance(61 * MINUTE)
    const renewed = await hear('holdfast:renewed', async () => {
      const visit = await serve(sessions, cookie, (s) => {
        s.reauthenticate({ methods: ['pwd'] })
        expect([s.subject, s.level, s.get('n'), s.suspended]).toEqual(['ann', 2, 7, undefined])
        s.increment('n')
      })
      expect(visit.newCookie).not.toBe(cookie)
      const session = await shown(sessions, visit.newCookie!)
      expect(session).toMatchObject({ id, subject: 'ann', level: 2, methods: ['pwd', 'otp'], absoluteExpiresAt })
      expect([session.get('n'), session.expiresIn(), session.authenticatedAt]).toEqual([8, HOUR, clock.now()])
    })
    expect(renewed).toMatchObject([{ id, reason: 'reauthenticate' }])
    const old = await shown(sessions, cookie)
    expect([old.subject, old.suspended]).toEqual([undefined, undefined])
  })

  it('NIST 5.2-AAL2: helps only until the absolute end', async () => {
    const { sessions, clock, signIn } = stage()
    let cookie = await signIn()
    const until = clock.now() + 24 * HOUR
    for (const _ of [1, 2]) {
      clock.advance(11 * HOUR)
      cookie = (await serve(sessions, cookie, (s) => s.reauthenticate())).newCookie!
    }
    clock.advance(until - clock.now() - 1)
    expect((await shown(sessions, cookie)).suspended).toMatchObject({ until })
    clock.advance(1)
    await serve(sessions, cookie, async (s) => {
      expect([s.suspended, s.endedBecause]).toEqual([undefined, { reason: 'absolute', at: until }])
      expect(await codeOf(() => s.reauthenticate())).toBe('ERR_AUTH_REQUIRED')
    })
  })

  it('may be a level, if methods were ever recorded for it', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = await serve(sessions, cookie, (s) => s.reauthenticate({ level: 2 }))
    expect((await shown(sessions, visit.newCookie!)).level).toBe(2)
  })

  it('does not help where the handler fails afterwards', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = await serve(sessions, cookie, (s) => s.reauthenticate(), 500)
    expect(visit.setCookie).toBeUndefined()
    expect((await shown(sessions, cookie)).suspended).toBeDefined()
  })

  it('loses to an end', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const session = await open(sessions, new Visit(cookie))
    session.reauthenticate()
    await sessions.endAll('ann')
    expect(await codeOf(() => session.commit())).toBe('ERR_GONE')
  })
})

describe('a suspended session', () => {
  it('goes on by a login of its subject, and ends by one of somebody else', async () => {
    for (const subject of ['ann', 'bob']) {
      const { sessions, clock, signIn } = stage()
      const cookie = await signIn()
      clock.advance(2 * HOUR)
      const visit = await serve(sessions, cookie, (s) => s.login(subject))
      const session = await shown(sessions, visit.newCookie!)
      expect([session.subject, session.get('n')]).toEqual([subject, subject === 'ann' ? 7 : undefined])
      expect(session.absoluteExpiresAt).toBe(clock.now() + 24 * HOUR)
      const old = await shown(sessions, cookie)
      expect([old.suspended, old.endedBecause?.reason]).toEqual([undefined, subject === 'ann' ? undefined : 'logout'])
    }
  })

  it('ends by a destroy, which deletes the cookie', async () => {
    const { sessions, clock, signIn } = stage()
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = await serve(sessions, cookie, async (s) => {
      s.destroy()
      expect(await codeOf(() => s.set('n', 1))).toBe('ERR_ENDED')
    })
    expect(visit.setCookie).toContain('Max-Age=0')
    expect((await shown(sessions, cookie)).endedBecause).toEqual({ reason: 'logout', at: clock.now() })
  })

  it('ASVS 7.4.2: ends with all others of its subject, and by its name', async () => {
    for (const end of ['endAll', 'endOthers', 'end', 'endEverything'] as const) {
      const { sessions, clock, signIn } = stage()
      const cookie = await signIn()
      const { id } = await shown(sessions, cookie)
      clock.advance(HOUR)
      const other = await signIn()
      if (end === 'end') expect(await sessions.end('ann', id)).toBe(true)
      else if (end === 'endAll') expect(await sessions.endAll('ann')).toBe(2)
      else if (end === 'endEverything') await sessions.endEverything()
      else await serve(sessions, other, async (s) => expect(await sessions.endOthers(s)).toBe(1))
      const session = await shown(sessions, cookie)
      expect([session.suspended, session.endedBecause?.reason]).toEqual([undefined, 'elsewhere'])
    }
  })

  it('CS-17: is not listed and not counted, and takes a place again when it is revived', async () => {
    const { sessions, clock, signIn } = stage({ maxSessions: 1 })
    const cookie = await signIn()
    clock.advance(HOUR)
    expect((await sessions.list('ann')).sessions).toEqual([])
    const other = await signIn()
    expect((await shown(sessions, cookie)).suspended).toBeDefined()
    const revived = (await serve(sessions, cookie, (s) => s.reauthenticate())).newCookie!
    expect((await shown(sessions, revived)).subject).toBe('ann')
    expect((await shown(sessions, other)).endedBecause?.reason).toBe('limit')
    expect((await sessions.list('ann')).sessions).toHaveLength(1)
  })

  it('is reached by the token that a renewal by age has replaced, while nobody has presented the new one', async () => {
    const { sessions, clock, signIn } = stage({ renewEvery: '15m' })
    const cookie = await signIn()
    clock.advance(15 * MINUTE)
    const lost = await serve(sessions, cookie, (s) => s.get('n'))
    expect(lost.newCookie).toBeDefined()
    clock.advance(HOUR)
    const waiting = await serve(sessions, cookie, (s) => expect(s.suspended).toMatchObject({ subject: 'ann' }))
    expect(waiting.setCookie).toBeUndefined()
    const visit = await serve(sessions, cookie, (s) => s.reauthenticate())
    expect((await shown(sessions, visit.newCookie!)).get('n')).toBe(7)
    expect((await shown(sessions, lost.newCookie!)).suspended).toBeUndefined()
  })

  it('is none of two', async () => {
    const { sessions, clock, signIn } = stage()
    const cookies = [await signIn('ann'), await signIn('bob')]
    clock.advance(HOUR)
    expect((await shown(sessions, cookies.join('; '))).suspended).toBeUndefined()
  })

  it('may be a remembered one, whose cookie lasts no longer by being revived', async () => {
    const { sessions, clock } = stage()
    const visit = await serve(sessions, undefined, (s) => s.login('ann', { remember: true }))
    clock.advance(10 * HOUR)
    const revived = await serve(sessions, visit.newCookie, (s) => s.reauthenticate())
    expect(revived.setCookie).toContain(`Max-Age=${(14 * HOUR) / 1000}`)
  })

  it.each<[string, Partial<SessionsOptions>, (session: Session<Data>) => void]>([
    ['of level 3', {}, (s) => (s.login('ann'), s.elevate({ level: 3, methods: ['fido'] }))],
    ['that nobody has signed in to', {}, (s) => s.set('n', 1)],
    [
      'of another profile',
      { profile: 'aal1', idleTimeout: '1h' },
      (s) => s.login('ann', { level: 2, methods: ['pwd'] }),
    ],
  ])('is none %s: it is over', async (_, options, begin) => {
    const { sessions, clock } = stage(options)
    const visit = await serve(sessions, undefined, begin)
    clock.advance(HOUR)
    const session = await shown(sessions, visit.newCookie!)
    expect([session.suspended, session.subject]).toEqual([undefined, undefined])
  })
})

describe('a sealed record', () => {
  it('NIST 5.2-AAL2: is opened and revived after it was suspended', async () => {
    const { sessions, clock, signIn } = stage({ seal: { keys: [randomBytes(32).toString('base64url')] } })
    const cookie = await signIn()
    clock.advance(HOUR)
    const visit = await serve(sessions, cookie, (s) => s.reauthenticate())
    expect((await shown(sessions, visit.newCookie!)).get('n')).toBe(7)
  })
})
