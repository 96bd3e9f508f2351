import { describe, expect, it } from 'vitest'

import { CookieJar } from '../test/cookie-jar.ts'
import { codeOf, hear, manualClock } from '../test/visit.ts'
import { type CookieSessions, type CookieSessionsOptions, cookieSessions } from './index.ts'

interface Data {
  text: string
  small: string
  medium: string
}

const KEY = 'kX9vTq2LmZ7RwB4nYc8HsPdJ5fGt3UaE6oVi1QxKzWy'

function engine(options: Partial<CookieSessionsOptions> = {}): CookieSessions<Data> {
  return cookieSessions<Data>({ keys: [KEY], ...options })
}

const text = (length: number): string => 'x'.repeat(length)

/** A client with a session in as many cookies as such a text takes. */
async function clientWith(sessions: CookieSessions<Data>, length: number): Promise<CookieJar> {
  const jar = new CookieJar()
  await jar.visit(sessions, (session) => {
    session.login('ann')
    session.set('text', text(length))
  })
  return jar
}

const NAMES = (jar: CookieJar): string[] => [...jar.cookies.keys()]

describe('a session in several cookies', () => {
  it('is put together again, each line within what browsers keep and servers take', async () => {
    const sessions = engine({ maxCookies: 3 })
    for (const [length, count] of [
      [100, 1],
      [2500, 1],
      [4000, 2],
      [7500, 3],
    ] as const) {
      for (const isSecure of [false, true]) {
        const jar = new CookieJar()
        const visit = await jar.visit(sessions, (s) => s.set('text', text(length)), { isSecure })
        const lines = visit.sent('set-cookie')
        expect(lines).toHaveLength(count)
        for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(3800)
        expect(await jar.read(sessions, (s) => s.get('text')?.length, isSecure)).toBe(length)
      }
    }
  })

  it('deletes the cookies it no longer needs, and ignores those that were left behind', async () => {
    const sessions = engine({ maxCookies: 3 })
    const jar = await clientWith(sessions, 7500)
    expect(NAMES(jar)).toEqual(['id', 'id.1', 'id.2'])
    const stale = [...jar.cookies].slice(1)
    await jar.visit(sessions, (s) => s.set('text', text(4000)))
    expect(NAMES(jar)).toEqual(['id', 'id.1'])
    await jar.visit(sessions, (s) => s.set('text', 'short'))
    expect(NAMES(jar)).toEqual(['id'])
    for (const [name, value] of stale) jar.cookies.set(name, value)
    expect(await jar.read(sessions, (s) => s.get('text'))).toBe('short')
    await jar.visit(sessions, (s) => s.set('text', 'shorter'))
    expect(NAMES(jar)).toEqual(['id'])
  })

  it('deletes all of them at logout, also what an answer under way may bring', async () => {
    const sessions = engine({ maxCookies: 3 })
    const jar = await clientWith(sessions, 100)
    const leaving = jar.depart()
    const growing = jar.depart()
    const [last, first] = [await sessions.open(leaving), await sessions.open(growing)]
    first.set('text', text(7500))
    await sessions.finish(first, { status: 200 })
    last.logout()
    await sessions.finish(last, { status: 200 })
    jar.take(growing)
    expect(NAMES(jar)).toHaveLength(3)
    jar.take(leaving)
    expect(NAMES(jar)).toEqual([])
    // More cookies than the engine may write any more.
    const many = await clientWith(engine({ maxCookies: 5 }), 13_000)
    expect(NAMES(many)).toHaveLength(5)
    await many.visit(engine({ maxCookies: 1 }), (s) => s.destroy())
    expect(NAMES(many)).toEqual([])
  })

  it('of which one is lost, foreign or out of its place is unreadable: a fresh session and one event', async () => {
    const sessions = engine({ maxCookies: 3 })
    const [one, other] = [await clientWith(sessions, 7500), await clientWith(sessions, 7500)]
    const mixtures: Record<string, (jar: CookieJar) => void> = {
      lost: (jar) => jar.cookies.delete('id.1'),
      'the last lost': (jar) => jar.cookies.delete('id.2'),
      foreign: (jar) => jar.cookies.set('id.1', other.cookies.get('id.1')!),
      'the first foreign': (jar) => jar.cookies.set('id', other.cookies.get('id')!),
      swapped: (jar) => {
        jar.cookies.set('id.1', one.cookies.get('id.2')!)
        jar.cookies.set('id.2', one.cookies.get('id.1')!)
      },
      'counted wrongly': (jar) => jar.cookies.set('id', one.cookies.get('id')!.replace('3.', '2.')),
      empty: (jar) => jar.cookies.set('id.2', ''),
    }
    for (const [name, mix] of Object.entries(mixtures)) {
      const jar = one.copy()
      mix(jar)
      const events = await hear('holdfast:rejected', async () => {
        const visit = await jar.visit(sessions, (s) => expect([s.isNew, s.subject], name).toEqual([true, undefined]))
        expect(visit.sent('set-cookie'), name).toEqual([])
      })
      expect(events, name).toHaveLength(1)
      expect(['unreadable', 'malformed'], name).toContain(events[0]!.reason)
    }
    expect(await one.read(sessions, (s) => s.subject)).toBe('ann')
  })

  it('is found among cookies of the same names from another path', async () => {
    const sessions = engine({ maxCookies: 2 })
    const jar = await clientWith(sessions, 4000)
    const [first, second] = [jar.cookies.get('id')!, jar.cookies.get('id.1')!]
    const header = `id=2.junk; id.1=junk; id=${first}; theme=dark; id.1=${second}`
    const session = await sessions.open({ header: () => header, secure: false })
    expect(session.subject).toBe('ann')
  })
})

describe('a session that is too large for its cookies', () => {
  it('is refused where it is set, with the largest fields named, and the response stays whole', async () => {
    const sessions = engine({ maxCookies: 1 })
    const jar = new CookieJar()
    await jar.visit(sessions, async (session) => {
      session.set('small', text(10))
      session.set('medium', text(1000))
      const failing = (): void => session.set('text', text(3000))
      expect(failing).toThrow(/Its largest fields are `text` \(3003 bytes\), `medium` \(1003 bytes\)/)
      expect(failing).toThrow(/`maxCookies`/)
      expect(await codeOf(failing)).toBe('ERR_TOO_LARGE')
    })
    expect(await jar.read(sessions, (s) => [s.keys(), s.get('medium')?.length])).toEqual([['small', 'medium'], 1000])
  })

  it('is refused before the headers are sent when only its seal tells', async () => {
    const sessions = engine({ maxCookies: 1 })
    const visit = new CookieJar().depart()
    const session = await sessions.open(visit)
    // Within the limit as it is, but twice as long sealed.
    session.set('text', '\u{1f600}'.repeat(640))
    expect(await codeOf(() => sessions.finish(session, { status: 200 }))).toBe('ERR_TOO_LARGE')
    expect(visit.sent('set-cookie')).toEqual([])
  })

  it('fits as far as is promised: each size either passes whole or is refused', async () => {
    for (const maxCookies of [1, 2, 3]) {
      const sessions = engine({ maxCookies })
      let refused = 0
      for (let length = maxCookies * 2500; length < maxCookies * 2800; length += 7) {
        const jar = new CookieJar()
        const code = await codeOf(() => jar.visit(sessions, (s) => s.set('text', text(length))))
        if (code === 'none') {
          expect(await jar.read(sessions, (s) => s.get('text')?.length)).toBe(length)
          expect(refused, 'larger ones do not fit either').toBe(0)
        } else {
          expect(code).toBe('ERR_TOO_LARGE')
          refused++
        }
      }
      expect(refused).toBeGreaterThan(0)
    }
  })
})

describe('a seal that somebody has changed', () => {
  it('never opens: each character changed, each length cut', async () => {
    const clock = manualClock()
    const sessions = engine({ clock, maxCookies: 1 })
    const jar = await clientWith(sessions, 10)
    const value = jar.cookies.get('id')!
    const forgeries: string[] = []
    for (let at = 0; at < value.length; at++) {
      forgeries.push(value.slice(0, at), value.slice(at + 1))
      const code = value.charCodeAt(at)
      for (const letter of [value[at] === 'A' ? 'B' : 'A', String.fromCharCode(code + 1)]) {
        forgeries.push(value.slice(0, at) + letter + value.slice(at + 1))
      }
    }
    let unknownKeys = 0
    for (const forgery of forgeries) {
      const forger = new CookieJar([['id', forgery]])
      const events = await hear('holdfast:rejected', async () => {
        const code = await codeOf(() => forger.read(sessions, (s) => expect(s.isNew).toBe(true)))
        // Whoever names a key that nobody has shuts out themselves alone.
        if (code === 'ERR_KEY_UNKNOWN') unknownKeys++
        else expect(code).toBe('none')
      })
      expect(events.length).toBeLessThanOrEqual(1)
    }
    expect(await jar.read(sessions, (s) => s.subject)).toBe('ann')
    // The name of the key has 12 characters, each of which was changed twice.
    expect(unknownKeys).toBeGreaterThan(0)
    expect(unknownKeys).toBeLessThanOrEqual(24)
  })
})
