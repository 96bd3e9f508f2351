import type { IncomingMessage } from 'node:http'

import { type IronSession, type SessionOptions, getIronSession } from 'iron-session'
import { getIronSession as getIronSession8 } from 'iron-session-8'
import { describe, expect, it } from 'vitest'

import { CookieJar } from '../test/cookie-jar.ts'
import { codeOf, hear, manualClock } from '../test/visit.ts'
import { type CookieSessions, type IronSessionOptions, cookieSessions } from './index.ts'

interface Data {
  userId: string
  cart: string[]
  nested: { deep: [number, null, string] }
  bulk: string
}

const KEY = 'kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy'
const PASSWORD = 'an old password of iron-session, 32+'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const VERSIONS = [
  { version: '8', get: getIronSession8 as unknown as typeof getIronSession },
  { version: '9', get: getIronSession },
]

/** A client with the cookies that iron-session itself has set. */
async function clientOf(
  get: typeof getIronSession,
  data: Partial<Data>,
  settings: Partial<SessionOptions> = {},
): Promise<CookieJar> {
  const lines: string[] = []
  const response = {
    getHeader: () => [...lines],
    setHeader: (_name: string, value: string[]) => void lines.splice(0, lines.length, ...value),
    headersSent: false,
  }
  const session: IronSession<Partial<Data>> = await get(
    { headers: {} } as IncomingMessage,
    response as never,
    { cookieName: 'iron', password: PASSWORD, ...settings } as SessionOptions,
  )
  Object.assign(session, data)
  await session.save()
  return new CookieJar(lines.map((line) => line.split(';')[0]!.split('=') as [string, string]))
}

function engine(
  settings: Partial<IronSessionOptions> = {},
  options: Partial<Parameters<typeof cookieSessions>[0]> = {},
): CookieSessions<Data> {
  return cookieSessions<Data>({
    keys: [KEY],
    jitter: 0,
    ...options,
    ironSession: {
      cookieName: 'iron',
      password: PASSWORD,
      subject: (data) => data['userId'] as string | undefined,
      ...settings,
    },
  })
}

const DATA = { userId: 'ann', cart: ['tea'], nested: { deep: [1, null, 'x'] } } satisfies Partial<Data>

describe.each(VERSIONS)('a session of iron-session $version', ({ get }) => {
  it('is gone on with, and its cookie is replaced by ours at its first use', async () => {
    const sessions = engine()
    const jar = await clientOf(get, DATA)
    expect([...jar.cookies.keys()]).toEqual(['iron'])
    let id = ''
    const visit = await jar.visit(sessions, (session) => {
      id = session.id
      expect([session.subject, session.get('cart'), session.get('nested')]).toEqual(['ann', ['tea'], DATA.nested])
      expect(session.isNew).toBe(false)
    })
    expect(visit.sent('cache-control')).toEqual(['no-store'])
    expect([...jar.cookies.keys()]).toEqual(['id'])
    expect(visit.sent('set-cookie').at(-1)).toBe('iron=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
    expect(await jar.read(sessions, (s) => [s.id, s.subject, s.get('cart'), s.revision])).toEqual([
      id,
      'ann',
      ['tea'],
      1,
    ])
  })

  it('is gone on with by the write of its first request too', async () => {
    const sessions = engine()
    const jar = await clientOf(get, DATA)
    const events = await hear('holdfast:created', () => jar.visit(sessions, (s) => s.set('cart', ['milk'])))
    expect(events).toMatchObject([{ isSignedIn: true }])
    expect([...jar.cookies.keys()]).toEqual(['id'])
    expect(await jar.read(sessions, (s) => [s.subject, s.get('cart')])).toEqual(['ann', ['milk']])
  })

  it('is left alone by requests that use nothing, are passive, or cannot set a cookie', async () => {
    const sessions = engine({}, { cookie: { secure: true } })
    const jar = await clientOf(get, DATA)
    for (const isSecure of [true, false]) {
      expect((await jar.visit(sessions, () => {}, { isSecure })).sent('set-cookie')).toEqual([])
      const passive = await jar.visit(sessions, (s) => s.subject, { isSecure, passive: true })
      expect(passive.sent('set-cookie')).toEqual([])
    }
    expect((await jar.visit(sessions, (s) => s.subject)).sent('set-cookie')).toEqual([])
    const secure = await jar.visit(sessions, (s) => s.subject, { isSecure: true })
    expect(secure.sent('set-cookie').at(-1)).toBe('iron=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0')
    expect([...jar.cookies.keys()]).toEqual(['__Host-id'])
  })

  it('never outlives its own seal, has our lifetimes, and never counts as signed in lately', async () => {
    const clock = manualClock(Date.now())
    const sessions = engine({}, { clock, idleTimeout: '30m', absoluteTimeout: '8h' })
    const short = await clientOf(get, DATA, { ttl: 60 * 60 })
    await short.visit(sessions, async (s) => {
      expect(s.expiresIn()).toBe(30 * MINUTE)
      expect(s.absoluteExpiresAt! - clock.now()).toBeLessThanOrEqual(60 * MINUTE + 1000)
      expect(await codeOf(() => s.requireAuth())).toBe('none')
      expect(await codeOf(() => s.requireAuth({ within: '1h' }))).toBe('ERR_AUTH_REQUIRED')
    })
    const long = await clientOf(get, DATA, { ttl: 2 * 24 * 60 * 60 })
    await long.visit(sessions, (s) => expect(s.absoluteExpiresAt! - clock.now()).toBe(8 * 60 * MINUTE))
    const late = await clientOf(get, DATA, { ttl: 24 * 60 * 60 })
    clock.advance(DAY + 1000)
    const events = await hear('holdfast:rejected', async () => {
      expect(await late.read(sessions, (s) => [s.isNew, s.endedBecause?.reason])).toEqual([true, 'absolute'])
    })
    expect(events).toMatchObject([{ reason: 'absolute' }])
  })

  it('is opened by each of its passwords, and refused when it was made with another or was changed', async () => {
    const NEWER = 'a newer password of iron-session, 32+'
    const sessions = engine({ password: { 1: PASSWORD, 2: NEWER } })
    for (const password of [PASSWORD, { 1: PASSWORD, 2: NEWER }]) {
      const jar = await clientOf(get, DATA, { password })
      expect(await jar.read(sessions, (s) => s.subject)).toBe('ann')
    }
    const stranger = await clientOf(get, DATA, { password: 'a password that nobody here knows, 32+' })
    const changed = await clientOf(get, DATA)
    changed.cookies.set(
      'iron',
      changed.cookies.get('iron')!.replace(/.(?=~2$)/, (last) => (last === 'A' ? 'E' : 'A')),
    )
    for (const jar of [stranger, changed]) {
      const events = await hear('holdfast:rejected', async () => {
        expect(await jar.read(sessions, (s) => [s.isNew, s.subject])).toEqual([true, undefined])
      })
      expect(events).toEqual([{ reason: 'unreadable' }])
    }
  })

  it('is deleted at logout', async () => {
    const jar = await clientOf(get, DATA)
    await jar.visit(engine(), (s) => s.logout())
    expect([...jar.cookies.keys()]).toEqual([])
  })

  it('may go by the name of ours', async () => {
    const sessions = engine({ cookieName: 'id' })
    const jar = await clientOf(get, DATA, { cookieName: 'id' })
    await jar.visit(sessions, (s) => s.subject)
    expect([...jar.cookies.keys()]).toEqual(['id'])
    expect(jar.cookies.get('id')).toMatch(/^1\./)
    expect(await jar.read(sessions, (s) => s.subject)).toBe('ann')
  })

  it('is remembered where that is asked for, and anonymous where nobody says whose it is', async () => {
    const clock = manualClock(Date.now())
    const jar = await clientOf(get, DATA)
    const remembered = engine({ remember: true }, { clock })
    const visit = await jar.visit(remembered, (s) => s.subject)
    const age = Number(/; Max-Age=(\d+)$/.exec(visit.sent('set-cookie')[0]!)?.[1])
    expect(age).toBeGreaterThan(13 * 24 * 60 * 60)
    expect(age).toBeLessThanOrEqual(14 * 24 * 60 * 60)
    const anonymous = await clientOf(get, {})
    await anonymous.visit(engine(), (s) => expect([s.subject, s.isNew]).toEqual([undefined, false]))
  })
})

describe('a session of iron-session 9 in chunks', () => {
  it('is gone on with where it fits, and all its cookies are replaced', async () => {
    const bulk = 'x'.repeat(5000)
    const jar = await clientOf(getIronSession, { ...DATA, bulk }, { chunk: true })
    expect([...jar.cookies.keys()]).toEqual(['iron.0', 'iron.1'])
    await jar.visit(engine(), (s) => expect(s.get('bulk')).toBe(bulk))
    expect([...jar.cookies.keys()]).toEqual(['id', 'id.1'])
    expect(await jar.read(engine(), (s) => [s.subject, s.get('bulk')])).toEqual(['ann', bulk])
  })

  it('goes on to be read as it is where it does not fit', async () => {
    const bulk = 'x'.repeat(8000)
    const sessions = engine()
    const jar = await clientOf(getIronSession, { ...DATA, bulk }, { chunk: true })
    const read = await jar.visit(sessions, (s) => expect(s.get('bulk')).toBe(bulk))
    expect(read.sent('set-cookie')).toEqual([])
    await jar.visit(sessions, (s) => s.delete('bulk'))
    expect([...jar.cookies.keys()]).toEqual(['id'])
    expect(await jar.read(sessions, (s) => s.subject)).toBe('ann')
  })
})
