import { inspect } from 'node:util'

import { describe, expect, expectTypeOf, it } from 'vitest'

import { CookieJar } from '../test/cookie-jar.ts'
import { type ManualClock, Visit, codeOf, hear, manualClock, warnings } from '../test/visit.ts'
import {
  type CookieSession,
  type CookieSessions,
  type CookieSessionsOptions,
  type Session,
  type Sessions,
  cookieSessions,
} from './index.ts'
import { type HandleFor, requestSessionOf } from './session.ts'

interface Data {
  cart: string[]
  note: string
  n: number
  when: Date
  tags: Map<string, bigint>
}

const KEY = 'kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy'
const OTHER_KEY = 'Qm7ZxT4vKp9LwR2nBy6HcSdJ8fGu3VaE5oWi1XkNzYt'
const MINUTE = 60_000

function engine(options: Partial<CookieSessionsOptions> = {}): CookieSessions<Data> {
  return cookieSessions<Data>({ keys: [KEY], jitter: 0, ...options })
}

function timed(options: Partial<CookieSessionsOptions> = {}): { clock: ManualClock; sessions: CookieSessions<Data> } {
  const clock = manualClock()
  return { clock, sessions: engine({ clock, idleTimeout: '30m', absoluteTimeout: '8h', ...options }) }
}

const subjectIn = (session: CookieSession<Data>): string | undefined => session.subject

describe('a session in a cookie', () => {
  it('keeps values of every kind over requests, in one cookie that says nothing', async () => {
    const sessions = engine()
    const jar = new CookieJar()
    const when = new Date(0)
    const visit = await jar.visit(sessions, (session) => {
      session.login('ann')
      session.set('cart', ['tea'])
      session.set('when', when)
      session.set('tags', new Map([['a', 5n]]))
      session.set('note', '茶 \u00e9\ufeff')
    })
    expect(visit.sent('set-cookie')).toHaveLength(1)
    expect(visit.setCookie).toMatch(/^id=1\.[\w*-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(visit.sent('cache-control')).toEqual(['no-store'])
    expect(Buffer.from(visit.setCookie!, 'base64url').toString('latin1')).not.toContain('tea')
    const seen = await jar.read(sessions, (session) => ({
      subject: session.subject,
      cart: session.get('cart'),
      when: session.get('when'),
      tags: session.get('tags'),
      note: session.get('note'),
      isNew: session.isNew,
    }))
    expect(seen).toEqual({
      subject: 'ann',
      cart: ['tea'],
      when,
      tags: new Map([['a', 5n]]),
      note: '茶 \u00e9\ufeff',
      isNew: false,
    })
  })

  it('is `__Host-` and `Secure` over https, and withheld over http in production', async () => {
    const sessions = engine()
    const visit = await new CookieJar().visit(sessions, (s) => s.login('ann'), { isSecure: true })
    expect(visit.setCookie).toMatch(/^__Host-id=1\.[\w*-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const shared = engine({ cookie: { secure: true } })
    const codes = await warnings(async () => {
      const plain = await new CookieJar().visit(shared, (s) => s.login('ann'))
      expect(plain.sent('set-cookie')).toEqual([])
    })
    expect(codes).toContain('WARN_COOKIE_INSECURE')
  })

  it('leaves no trace where nobody looks, and no cookie where somebody only reads', async () => {
    const sessions = engine()
    expect((await new CookieJar().visit(sessions)).headers).toEqual([])
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.set('n', 1))
    const read = await jar.visit(sessions, (s) => void s.get('n'))
    expect(read.sent('set-cookie')).toEqual([])
    expect(read.sent('vary')).toEqual(['Cookie'])
  })

  it('is kept over a restart when it is remembered, and only then', async () => {
    const { sessions } = timed()
    const plain = await new CookieJar().visit(sessions, (s) => s.login('ann'))
    expect(plain.setCookie).not.toContain('Max-Age')
    const kept = await new CookieJar().visit(sessions, (s) => s.login('ann', { remember: true }))
    expect(kept.setCookie).toMatch(/; Max-Age=2592000$/)
  })

  it('ASVS 7.2.4: gets another id and another cookie at login, and what was sealed before stays anonymous', async () => {
    const sessions = engine()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.set('cart', ['tea']))
    const anonymous = jar.copy()
    const before = await jar.read(sessions, ({ id }) => id)
    const events = await hear('holdfast:renewed', () => jar.visit(sessions, (s) => s.login('ann')))
    const after = await jar.read(sessions, ({ id }) => id)
    expect(after).not.toBe(before)
    expect(events).toEqual([{ id: after, reason: 'login' }])
    expect(await jar.read(sessions, (s) => [s.subject, s.get('cart')])).toEqual(['ann', ['tea']])
    expect(await anonymous.read(sessions, subjectIn)).toBeUndefined()
  })

  it('of another subject starts empty', async () => {
    const sessions = engine()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => {
      s.login('ann')
      s.set('cart', ["ann's"])
    })
    await jar.visit(sessions, (s) => s.login('bob'))
    expect(await jar.read(sessions, (s) => [s.subject, s.get('cart')])).toEqual(['bob', undefined])
  })

  it('ends by logout and destroy at its client, and a flash after logout begins a fresh one', async () => {
    const sessions = engine()
    for (const end of ['logout', 'destroy'] as const) {
      const jar = new CookieJar()
      await jar.visit(sessions, (s) => s.login('ann'))
      const events = await hear('holdfast:ended', () => jar.visit(sessions, (s) => s[end]()))
      expect(events).toMatchObject([{ reason: end }])
      expect(jar.cookies.size).toBe(0)
    }
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    await jar.visit(sessions, (s) => {
      s.logout()
      s.set('note', 'bye')
    })
    expect(await jar.read(sessions, (s) => [s.subject, s.get('note')])).toEqual([undefined, 'bye'])
  })

  it('drops changes of a handler that ended in 5xx', async () => {
    const sessions = engine()
    const visit = await new CookieJar().visit(sessions, (s) => s.login('ann'), { status: 500 })
    expect(visit.sent('set-cookie')).toEqual([])
  })

  it('is not opened until it is loaded, where that is asked for', async () => {
    const sessions = engine({ load: 'lazy' })
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.set('n', 1))
    const session = await sessions.open(jar.depart())
    expect(await codeOf(() => session.get('n'))).toBe('ERR_NOT_LOADED')
    await session.load()
    expect(session.get('n')).toBe(1)
  })

  it('of two overlapping requests is what the answer that comes last holds', async () => {
    const sessions = engine()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    const [one, other] = [jar.depart(), jar.depart()]
    for (const [visit, name] of [
      [one, 'note'],
      [other, 'cart'],
    ] as const) {
      const session = await sessions.open(visit)
      if (name === 'note') session.set('note', 'kept')
      else session.set('cart', ['lost'])
      await sessions.finish(session, { status: 200 })
    }
    jar.take(other)
    jar.take(one)
    expect(await jar.read(sessions, (s) => [s.subject, s.get('note'), s.get('cart')])).toEqual([
      'ann',
      'kept',
      undefined,
    ])
  })

  it('needs a response with headers that have not left for each change', async () => {
    const sessions = engine()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    const upgrade = { header: (name: string) => (name === 'cookie' ? jar.header : undefined), secure: false }
    const session = await sessions.open(upgrade)
    session.set('n', 1)
    expect(await codeOf(() => session.commit())).toBe('ERR_NO_RESPONSE')
    const ending = await sessions.open(upgrade)
    ending.logout()
    expect(await codeOf(() => ending.commit())).toBe('ERR_NO_RESPONSE')
  })
})

describe('the ends of a session in a cookie', () => {
  it('move by use when a tenth of the idle timeout has passed, with `no-store`, and never by a passive request', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    clock.advance(3 * MINUTE - 1)
    expect((await jar.visit(sessions, subjectIn)).sent('set-cookie')).toEqual([])
    clock.advance(1)
    expect((await jar.visit(sessions, subjectIn, { passive: true })).sent('set-cookie')).toEqual([])
    expect((await jar.visit(sessions)).sent('set-cookie')).toEqual([])
    const used = await jar.visit(sessions, subjectIn)
    expect(used.sent('set-cookie')).toHaveLength(1)
    expect(used.sent('cache-control')).toEqual(['no-store'])
    clock.advance(30 * MINUTE - 1)
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
    expect(await jar.read(sessions, (s) => [s.revision, s.expiresIn()])).toEqual([1, 1])
  })

  it('ASVS 7.3.1: a copy of the cookie is refused past its idle end, and told why', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    const copy = jar.copy()
    clock.advance(20 * MINUTE)
    await jar.visit(sessions, subjectIn)
    clock.advance(10 * MINUTE)
    const events = await hear('holdfast:rejected', async () => {
      expect(await copy.read(sessions, (s) => [s.subject, s.isNew, s.endedBecause])).toEqual([
        undefined,
        true,
        { reason: 'idle', at: clock.now() },
      ])
    })
    expect(events).toMatchObject([{ reason: 'idle' }])
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
  })

  it('NIST 5.2-AAL2: under the profile aal2 it is over at its idle end, and no factor revives it', async () => {
    const clock = manualClock()
    const sessions = engine({ clock, profile: 'aal2' })
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => {
      s.login('ann', { level: 2, methods: ['pwd', 'otp'] })
      s.set('note', 'tea')
    })
    clock.advance(60 * MINUTE - 1)
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
    clock.advance(1)
    const events = await hear('holdfast:rejected', async () => {
      await jar.visit(sessions, async (s) => {
        expect([s.suspended, s.subject, s.get('note'), s.endedBecause]).toEqual([
          undefined,
          undefined,
          undefined,
          { reason: 'idle', at: clock.now() },
        ])
        expect(await codeOf(() => s.reauthenticate({ methods: ['pwd'] }))).toBe('ERR_AUTH_REQUIRED')
        s.set('note', 'of nobody')
      })
    })
    expect(events).toMatchObject([{ reason: 'idle' }])
    expect(await jar.read(sessions, (s) => [s.subject, s.get('note')])).toEqual([undefined, 'of nobody'])
  })

  it('ASVS 7.3.2: however busy it is, it is refused at its absolute end', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    for (let passed = 0; passed < 8 * 60 - 20; passed += 20) {
      clock.advance(20 * MINUTE)
      await jar.visit(sessions, subjectIn)
    }
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
    clock.advance(20 * MINUTE - 1)
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
    clock.advance(1)
    expect(await jar.read(sessions, (s) => s.endedBecause?.reason)).toBe('absolute')
  })

  it('are moved by keeping alive, whose answer brings the cookie', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    clock.advance(MINUTE)
    const visit = await jar.visit(sessions, async (session) => {
      expect(await requestSessionOf(session as never).keepAlive()).toBe(30 * MINUTE)
    })
    expect(visit.sent('set-cookie')).toHaveLength(1)
    clock.advance(30 * MINUTE - 1)
    expect(await jar.read(sessions, subjectIn)).toBe('ann')
  })

  it('stay where they were when a passive request writes', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    clock.advance(10 * MINUTE)
    await jar.visit(sessions, (s) => s.set('n', 1), { passive: true })
    expect(await jar.read(sessions, (s) => [s.get('n'), s.expiresIn()])).toEqual([1, 20 * MINUTE])
  })
})

describe('the keys of sessions in cookies', () => {
  it('all open, the first one seals, and each cookie is sealed anew at its next write', async () => {
    const clock = manualClock()
    const before = engine({ clock })
    const jar = new CookieJar()
    await jar.visit(before, (s) => s.login('ann'))
    const rotated = engine({ clock, keys: [OTHER_KEY, KEY] })
    const after = engine({ clock, keys: [OTHER_KEY] })
    expect((await jar.visit(rotated, subjectIn)).sent('set-cookie')).toEqual([])
    expect(await codeOf(() => jar.read(after, subjectIn))).toBe('ERR_KEY_UNKNOWN')
    await jar.visit(rotated, (s) => s.set('n', 1))
    expect(await jar.read(after, subjectIn)).toBe('ann')
  })

  it('that are unknown refuse a live cookie (503) and leave it alone, and a cookie past its end is only over', async () => {
    const { clock, sessions } = timed()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    const stranger = engine({ clock, keys: [OTHER_KEY] })
    const visit = jar.depart()
    const session = await stranger.open(visit)
    expect(await codeOf(() => session.set('n', 1))).toBe('ERR_KEY_UNKNOWN')
    await stranger.finish(session, { status: 503 })
    expect(visit.sent('set-cookie')).toEqual([])
    clock.advance(30 * MINUTE)
    const events = await hear('holdfast:rejected', async () => {
      expect(await jar.read(stranger, (s) => s.isNew)).toBe(true)
    })
    expect(events).toEqual([{ reason: 'unknown' }])
  })

  it('that are unknown shut nobody out whose request brings a cookie that opens as well', async () => {
    const sessions = engine()
    const [jar, planted] = [new CookieJar(), new CookieJar()]
    await jar.visit(sessions, (s) => s.login('ann'))
    await planted.visit(engine({ keys: [OTHER_KEY] }), (s) => s.login('mallory'))
    const header = `${planted.header}; ${jar.header}`
    const session = await sessions.open({ header: () => header, secure: false })
    expect(session.subject).toBe('ann')
  })

  it('of another cookie do not open this one', async () => {
    const jar = new CookieJar()
    await jar.visit(engine({ cookie: { name: 'other' } }), (s) => s.login('ann'))
    const moved = new CookieJar([['id', jar.cookies.get('other')!]])
    const events = await hear('holdfast:rejected', async () => {
      expect(await moved.read(engine(), (s) => s.isNew)).toBe(true)
    })
    expect(events).toEqual([{ reason: 'unreadable' }])
  })

  it('come from a provider too, and `ready()` says whether there are any', async () => {
    const sessions = engine({ keys: () => Promise.resolve([KEY]) })
    await sessions.ready()
    const jar = new CookieJar()
    await jar.visit(sessions, (s) => s.login('ann'))
    expect(await jar.read(engine(), subjectIn)).toBe('ann')
    const broken = engine({ keys: () => Promise.reject(new Error('down')) })
    expect(await codeOf(() => broken.ready())).toBe('ERR_KEYS')
    expect(await codeOf(() => jar.read(broken, subjectIn))).toBe('ERR_KEYS')
  })
})

describe('what needs a store', () => {
  it('is absent from the types of cookie sessions', () => {
    type Missing = Exclude<keyof Sessions<Data>, keyof CookieSessions<Data>>
    expectTypeOf<Missing>().toEqualTypeOf<
      'storeName' | 'list' | 'end' | 'endOthers' | 'endAll' | 'endEverything' | 'watch' | 'countByKey'
    >()
    expectTypeOf<CookieSession<Data>>().not.toHaveProperty('increment')
    expectTypeOf<CookieSession<Data>>().not.toHaveProperty('take')
    expectTypeOf<CookieSession<Data>>().not.toHaveProperty('renew')
    expectTypeOf<CookieSession<Data>>().toHaveProperty('update')
    expectTypeOf<CookieSessionsOptions>().not.toHaveProperty('maxSessions')
    expectTypeOf<CookieSessionsOptions>().not.toHaveProperty('store')
    expectTypeOf<CookieSessionsOptions>().not.toHaveProperty('onConflict')
  })

  it('is absent from the handle of a request where `Register` says so', () => {
    expectTypeOf<HandleFor<{ engine: 'cookies' }>>().toEqualTypeOf<CookieSession>()
    expectTypeOf<HandleFor<object>>().toEqualTypeOf<Session>()
  })

  it('is refused at use', async () => {
    const sessions = engine()
    const handle = (await sessions.open(new Visit())) as unknown as Record<string, (name?: string) => unknown>
    for (const name of ['increment', 'take', 'renew']) {
      expect(await codeOf(() => handle[name]!('n')), name).toBe('ERR_NO_STORE')
    }
    const methods = sessions as unknown as Record<string, (name: string) => unknown>
    for (const name of ['list', 'end', 'endOthers', 'endAll', 'endEverything', 'watch', 'countByKey']) {
      expect(await codeOf(() => methods[name]!('ann')), name).toBe('ERR_NO_STORE')
    }
  })

  it.each([
    'store',
    'maxSessions',
    'onConflict',
    'renewEvery',
    'onReuse',
    'devices',
    'cache',
    'storeDeadline',
    'commitDeadline',
    'transport',
    'sizeLimit',
    'seal',
    'compress',
  ])('is refused at start: %s', (name) => {
    let problems: readonly { path: string; message: string }[] = []
    try {
      engine({ [name]: 1 })
    } catch (error) {
      problems = (error as { problems: typeof problems }).problems
    }
    expect(problems).toMatchObject([{ path: name }])
    expect(problems[0]!.message).not.toContain('there is no such option')
  })
})

describe('the options of cookie sessions', () => {
  it('name everything that is wrong at once, and no secret', async () => {
    const run = (): unknown =>
      cookieSessions({
        keys: ['short-secret'],
        maxCookies: 9,
        load: 'strict' as never,
        maxCookie: 1,
        ironSession: { cookieName: '', password: 'hunter2' },
      } as never)
    expect(await codeOf(run)).toBe('ERR_OPTIONS')
    let message = ''
    try {
      run()
    } catch (error) {
      message = (error as Error).message
    }
    for (const part of [
      'cookieSessions()',
      '`keys[0]`',
      '`maxCookies`',
      '`load`',
      'Did you mean `maxCookies`',
      '`ironSession.cookieName`',
      '`ironSession.password`',
    ]) {
      expect(message).toContain(part)
    }
    expect(message).not.toContain('short-secret')
    expect(message).not.toContain('hunter2')
  })

  it.each<[string, unknown]>([
    ['the secret instead of options', KEY],
    ['a list of secrets instead of options', [KEY]],
    ['the password instead of `ironSession`', { keys: [KEY], ironSession: KEY }],
    ['a list of passwords instead of `ironSession`', { keys: [KEY], ironSession: [KEY] }],
    ['a secret as a name', { keys: [{ [KEY]: 1 }] }],
    ['a list in the list', { keys: [[KEY]] }],
    ['bytes', { keys: [Buffer.from(KEY)] }],
  ])('refuse %s, in few words and without it', (_, options) => {
    try {
      cookieSessions(options as CookieSessionsOptions)
      expect.unreachable()
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      expect(code).toBe('ERR_OPTIONS')
      expect(inspect(error)).not.toContain(KEY)
      expect(message.split('\n').length).toBeLessThan(7)
    }
  })

  it('say what the options of others are called here', () => {
    for (const name of ['password', 'secret']) {
      expect(() => cookieSessions({ [name]: KEY } as never)).toThrow(`- \`${name}\`: write \`keys: [secret]\`.`)
    }
  })
})
