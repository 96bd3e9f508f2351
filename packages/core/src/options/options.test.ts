import { afterEach, describe, expect, it, vi } from 'vitest'

import { Visit, open, serve, warnings } from '../../test/visit.ts'
import {
  type SessionsOptions,
  cookieTransport,
  createSessions,
  headerTransport,
  isHoldfastError,
  memoryStore,
} from '../index.ts'

const problemsOf = (options: unknown): Record<string, string> => {
  try {
    createSessions(options as SessionsOptions)
    return {}
  } catch (error) {
    if (!isHoldfastError(error) || error.code !== 'ERR_OPTIONS') throw error
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]))
  }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('options', () => {
  it('are all checked, and their problems told together', () => {
    const store = memoryStore()
    const problems = problemsOf({
      store,
      idleTimout: '5m',
      absoluteTimeout: '2 weeks',
      profile: 'nist',
      remember: { idleTime: '3d' },
      load: 'late',
      cookie: { name: 'a b', samesite: 'lax', secure: 'yes', path: 'x', domain: '.example.com', partitioned: 1 },
      transport: 'cookie',
      cache: { max: 5 },
      onConflict: 'merge',
      saveOn5xx: 'yes',
      sizeLimit: '64kb',
      storeDeadline: -1,
      clearSiteData: ['cookies'],
      clock: {},
    })
    expect(Object.keys(problems).sort()).toEqual(
      [
        'absoluteTimeout',
        'cache.max',
        'clearSiteData',
        'clock',
        'cookie.domain',
        'cookie.name',
        'cookie.partitioned',
        'cookie.path',
        'cookie.samesite',
        'cookie.secure',
        'idleTimout',
        'load',
        'onConflict',
        'profile',
        'remember.idleTime',
        'saveOn5xx',
        'sizeLimit',
        'storeDeadline',
        'transport',
      ].sort(),
    )
    expect(problems['idleTimout']).toContain('Did you mean `idleTimeout`?')
    expect(problems['cookie.samesite']).toContain('Did you mean `cookie.sameSite`?')
    expect(problems['remember.idleTime']).toContain('Did you mean `remember.idleTimeout`?')
  })

  it.each<[string, unknown, string]>([
    ['secret', 'keyboard cat', 'seal: { keys: [secret] }'],
    ['keys', ['keyboard cat'], 'seal: { keys: [secret] }'],
    ['key', 'connect.sid', "cookie: { name: 'id' }"],
    ['name', 'connect.sid', "cookie: { name: 'id' }"],
    ['cookieName', 'connect.sid', "cookie: { name: 'id' }"],
    ['maxAge', 1000, '`idleTimeout`'],
    ['ttl', 1000, '`idleTimeout`'],
    ['rolling', true, 'leave it out'],
    ['resave', false, 'leave it out'],
    ['saveUninitialized', false, 'leave it out'],
    ['unset', 'destroy', 'leave it out'],
    ['genid', () => '1', 'leave it out'],
    ['proxy', true, "app.set('trust proxy', 1)"],
  ])('of other libraries are told what to write here: %s', (name, value, advice) => {
    const problems = problemsOf({ store: memoryStore(), [name]: value })
    expect(Object.keys(problems)).toEqual([name])
    expect(problems[name]).toContain(advice)
    expect(problems[name]).not.toContain('keyboard cat')
  })

  it('that are no objects are refused without being shown, since they may be secrets', () => {
    for (const path of ['options', 'compress', 'devices', 'remember', 'cookie']) {
      const text = 'a secret at the wrong place'
      const problems = problemsOf(path === 'options' ? text : { store: memoryStore(), [path]: text })
      expect(problems[path]).toMatch(/^text is no object/)
    }
    expect(problemsOf({ store: memoryStore(), compress: true })['compress']).toContain("{ above: '4kb' }")
    expect(problemsOf({ store: memoryStore(), compress: { over: '4kb' } })['compress.over']).toContain(
      '`compress.above`',
    )
  })

  it.each<[string, object]>([
    ['idleTimeout', { idleTimeout: '401d' }],
    ['absoluteTimeout', { absoluteTimeout: '2000d' }],
    ['renewEvery', { renewEvery: 999 }],
    ['renewEvery', { renewEvery: true }],
    ['onReuse', { onReuse: 'ignore' }],
    ['commitDeadline', { storeDeadline: 500, commitDeadline: 600 }],
    ['cookie.name', { cookie: { name: '__Host-sid' } }],
    ['cookie.name', { cookie: { name: '__hOST-sid' } }],
    ['cookie.name', { cookie: { name: 'sid;x' } }],
    ['cookie.name', { cookie: { name: 'sid\r\n' } }],
    ['cookie.path', { cookie: { path: '/a;b' } }],
    ['cookie.path', { cookie: { path: '/\u0007' } }],
    ['cookie.path', { cookie: { path: `/${'x'.repeat(1024)}` } }],
    ['cookie.domain', { cookie: { domain: 'example.com\n' } }],
    ['cookie.domain', { cookie: { domain: 'a..b.com' } }],
    ['cookie.domain', { cookie: { domain: 'x.-y.com' } }],
    ['cookie.domain', { cookie: { domain: '1.2.3.4' } }],
    ['cookie.sameSite', { cookie: { sameSite: 'none', secure: false } }],
    ['cookie.partitioned', { cookie: { partitioned: true, secure: false } }],
    ['store', { store: {} }],
    ['store', { store: memoryStore }],
    ['store', { store: null }],
    ['transport', { transport: [] }],
    ['clearSiteData', { clearSiteData: ['*'] }],
    ['options', 'x' as unknown as object],
  ])('%s in %o is refused', (path, options) => {
    expect(problemsOf(typeof options === 'string' ? options : { store: memoryStore(), ...options })).toHaveProperty([
      path,
    ])
  })

  it('names of transports are checked', () => {
    for (const name of ['cookie', 'a b', '', 'Set-Cookie'])
      expect(() => headerTransport({ name })).toThrow(/ERR_OPTIONS/)
  })
})

describe('without any options', () => {
  it('works outside production, with one warning', async () => {
    vi.stubEnv('NODE_ENV', undefined)
    const codes = await warnings(async () => {
      const sessions = createSessions()
      const visit = await serve(sessions, undefined, (s) => s.set('a', 1))
      expect((await open(sessions, new Visit(visit.newCookie))).get('a')).toBe(1)
    })
    expect(codes).toEqual(['WARN_DEFAULT_STORE'])
  })

  it('in production the store must be chosen', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(problemsOf({})['store']).toContain('memoryStore()')
    expect(problemsOf({ store: memoryStore() })).toEqual({})
  })
})

describe('at start', () => {
  it.each<[string | undefined, SessionsOptions, string[]]>([
    [undefined, {}, ['WARN_NODE_ENV_UNSET']],
    ['development', {}, []],
    ['production', {}, []],
    ['production', { cookie: { secure: false } }, ['WARN_SECURE_OFF']],
    ['production', { cookie: { domain: 'example.com' } }, ['WARN_COOKIE_SHARED']],
    ['test', { cookie: { path: '/admin' } }, ['WARN_COOKIE_SHARED']],
  ])('with NODE_ENV=%s and %o it warns of %o', async (mode, options, expected) => {
    vi.stubEnv('NODE_ENV', mode)
    expect(await warnings(() => createSessions({ store: memoryStore(), ...options }))).toEqual(expected)
  })

  it('an unset mode is named with the cookie and its flags', async () => {
    vi.stubEnv('NODE_ENV', undefined)
    const message = await new Promise<string>((resolve) => {
      process.once('warning', (warning) => resolve(warning.message))
      createSessions({ store: memoryStore() })
    })
    expect(message).toContain('`id` (Path=/; HttpOnly; SameSite=Lax)')
    expect(message).toContain('`__Host-id` (Path=/; HttpOnly; Secure; SameSite=Lax)')
  })
})

describe('the cookie', () => {
  interface Case {
    mode?: string
    secure?: boolean
    cookie?: SessionsOptions['cookie']
  }
  const setCookie = async ({ mode = 'test', secure = false, cookie = {} }: Case): Promise<string | undefined> => {
    vi.stubEnv('NODE_ENV', mode)
    const sessions = createSessions({ store: memoryStore(), cookie })
    const visit = new Visit()
    visit.secure = secure
    const session = await open(sessions, visit)
    session.set('a', 1)
    await sessions.finish(session, { status: 200 })
    const sent = visit.setCookie
    session.id.toString()
    if (sent === undefined) return undefined
    // Deletion needs the same name, path, domain and partition (RFC 6265bis; CK-8).
    const again = new Visit(visit.newCookie)
    again.secure = secure
    const ending = await open(sessions, again)
    expect(ending.get('a')).toBe(1)
    ending.destroy()
    await sessions.finish(ending, { status: 200 })
    expect(again.setCookie).toBe(sent.replace(/=[\w-]{32};/, '=;') + '; Max-Age=0')
    return sent.replace(/=[\w-]{32};/, '=…;')
  }

  it.each<[Case, string]>([
    [{}, 'id=…; Path=/; HttpOnly; SameSite=Lax'],
    [{ secure: true }, '__Host-id=…; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ secure: true, mode: 'production' }, '__Host-id=…; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [
      { secure: true, cookie: { domain: 'example.com' } },
      '__Secure-id=…; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [{ secure: true, cookie: { path: '/app' } }, '__Secure-id=…; Path=/app; HttpOnly; Secure; SameSite=Lax'],
    [
      { secure: true, cookie: { sameSite: 'none', partitioned: true } },
      '__Host-id=…; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    ],
    [{ cookie: { sameSite: 'strict', name: 'sid' } }, 'sid=…; Path=/; HttpOnly; SameSite=Strict'],
    [{ secure: true, cookie: { secure: false } }, 'id=…; Path=/; HttpOnly; SameSite=Lax'],
    [{ mode: 'production', cookie: { secure: false } }, 'id=…; Path=/; HttpOnly; SameSite=Lax'],
  ])('of %j is %s (ASVS 3.3.1 to 3.3.4)', async (given, expected) => {
    expect(await setCookie(given)).toBe(expected)
  })

  it.each<[Case, string]>([
    [{ mode: 'production' }, 'WARN_COOKIE_INSECURE'],
    [{ cookie: { secure: true } }, 'WARN_COOKIE_INSECURE'],
    [{ cookie: { sameSite: 'none' } }, 'WARN_COOKIE_CROSS_SITE'],
  ])('NIST 5.1-4: of %j is withheld over http, with one warning', async (given, code) => {
    expect(await warnings(async () => expect(await setCookie(given)).toBeUndefined())).toEqual([code])
  })

  it('is read by its prefixed name only on a secure connection', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const token = (await serve(sessions, undefined, (s) => s.set('a', 1))).newCookie!.split('=')[1]!
    const isFound = async (cookie: string, secure: boolean): Promise<boolean> => {
      const visit = new Visit(cookie)
      visit.secure = secure
      return !(await open(sessions, visit)).isNew
    }
    expect(await isFound(`id=${token}`, false)).toBe(true)
    expect(await isFound(`id=${token}`, true)).toBe(false)
    expect(await isFound(`__Host-id=${token}`, true)).toBe(true)
    expect(await isFound(`__Host-id=${token}`, false)).toBe(false)
    expect(await isFound(`xid=${token}; id =${token}; ID=${token}; a=id=${token}`, false)).toBe(false)
    expect(await isFound(`a=b; \tid=${token} ;c`, false)).toBe(true)
  })
})

describe('a header session', () => {
  it('is answered in the header of the same name, and never sets a cookie', async () => {
    const sessions = createSessions({ store: memoryStore(), transport: headerTransport({ name: 'X-Token' }) })
    const first = await serve(sessions, undefined, (s) => (s.get('a'), s.set('a', 1)))
    const [token] = first.sent('x-token')
    expect(first.sent('set-cookie')).toEqual([])
    expect(first.sent('vary')).toEqual(['x-token'])
    const second = new Visit(undefined, { 'x-token': token! })
    const session = await open(sessions, second)
    expect(session.get('a')).toBe(1)
    session.logout()
    await sessions.finish(session, { status: 200 })
    expect(second.sent('x-token')).toEqual([''])
  })

  it('NIST 5.1-4: is not sent over http in production, with one warning', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const serveOver = async (secure: boolean, cookie = {}): Promise<number> => {
      const sessions = createSessions({ store: memoryStore(), transport: headerTransport(), cookie })
      const visit = new Visit()
      visit.secure = secure
      const session = await open(sessions, visit)
      session.set('a', 1)
      await sessions.finish(session, { status: 200 })
      return visit.sent('x-session').length
    }
    expect(await warnings(async () => expect(await serveOver(false)).toBe(0))).toEqual(['WARN_HEADER_INSECURE'])
    expect([await serveOver(true), await serveOver(false, { secure: false })]).toEqual([1, 1])
  })

  it('beside cookies is answered the way it came', async () => {
    const sessions = createSessions({ store: memoryStore(), transport: [cookieTransport(), headerTransport()] })
    const byCookie = await serve(sessions, undefined, (s) => s.set('a', s.isNew))
    expect(byCookie.sent('vary')).toEqual(['Cookie, x-session'])
    const token = byCookie.newCookie!.split('=')[1]!
    const byHeader = new Visit(undefined, { 'x-session': token })
    const session = await open(sessions, byHeader)
    session.renew()
    await sessions.finish(session, { status: 200 })
    expect(byHeader.sent('set-cookie')).toEqual([])
    expect(byHeader.sent('x-session')[0]).toMatch(/^[\w-]{32}$/)
  })
})
