import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, open, serve, warnings } from '../test/visit.ts'
import { type Session, type Sessions, createSessions, memoryStore } from './index.ts'

interface Data {
  cart: string[]
  flash: string[]
  n: number
}

function engine(): Sessions<Data> {
  return createSessions<Data>({ store: memoryStore() })
}

async function anonymous(sessions: Sessions<Data>): Promise<string> {
  return (await serve(sessions, undefined, (s) => s.set('cart', ['tea']))).newCookie!
}

async function signedIn(sessions: Sessions<Data>, subject = 'ann'): Promise<string> {
  return (await serve(sessions, await anonymous(sessions), (s) => s.login(subject))).newCookie!
}

async function state(sessions: Sessions<Data>, cookie: string): Promise<object> {
  const session = await open(sessions, new Visit(cookie))
  return { subject: session.subject, cart: session.get('cart'), isNew: session.isNew }
}

const GONE = { subject: undefined, cart: undefined, isNew: true }

describe('login', () => {
  it('ASVS 7.2.4: keeps the fields and the id of an anonymous session, under a new token', async () => {
    const sessions = engine()
    const before = await anonymous(sessions)
    const { id } = await open(sessions, new Visit(before))
    const after = (await serve(sessions, before, (s) => s.login('ann'))).newCookie!
    expect(after).not.toBe(before)
    expect(await state(sessions, after)).toEqual({ subject: 'ann', cart: ['tea'], isNew: false })
    expect((await open(sessions, new Visit(after))).id).toBe(id)
    expect(await state(sessions, before)).toEqual(GONE)
  })

  it('without a session begins one', async () => {
    const sessions = engine()
    const cookie = (await serve(sessions, undefined, (s) => s.login('ann'))).newCookie!
    expect(await state(sessions, cookie)).toMatchObject({ subject: 'ann' })
  })

  it('of the same subject renews, of another one ends the old session and starts empty', async () => {
    const sessions = engine()
    const ann = await signedIn(sessions)
    const again = (await serve(sessions, ann, (s) => s.login('ann'))).newCookie!
    expect(await state(sessions, again)).toEqual({ subject: 'ann', cart: ['tea'], isNew: false })
    const events = await hear('holdfast:ended', async () => {
      const bob = (
        await serve(sessions, again, (s) => {
          s.set('cart', ["ann's"])
          s.login('bob')
          expect(s.get('cart')).toBeUndefined()
        })
      ).newCookie!
      expect(await state(sessions, bob)).toEqual({ subject: 'bob', cart: undefined, isNew: false })
    })
    expect(events).toMatchObject([{ reason: 'login' }])
    expect(await state(sessions, again)).toEqual(GONE)
  })

  it('that finds its session renewed or ended meanwhile creates one of its own', async () => {
    for (const meanwhile of [(s: Session<Data>) => s.login('ann'), (s: Session<Data>) => s.logout()]) {
      const sessions = engine()
      const before = await anonymous(sessions)
      const slow = new Visit(before)
      const session = await open(sessions, slow)
      await serve(sessions, before, meanwhile)
      session.set('flash', ['hi'])
      session.login('ann')
      await sessions.finish(session, { status: 302 })
      const after = await open(sessions, new Visit(slow.newCookie))
      expect([after.subject, after.get('flash')]).toEqual(['ann', ['hi']])
    }
  })

  it.each([undefined, '', 5, null, 'x'.repeat(513), '\ud800'])('refuses %j as a subject', async (subject) => {
    const sessions = engine()
    const session = await open(sessions, new Visit())
    expect(await codeOf(() => session.login(subject as string))).toBe('ERR_OPTIONS')
  })
})

describe('a token that was renewed for another privilege', () => {
  it('ASVS 7.2.4: reads as empty, changes nothing, gets no cookie, and can still end the session', async () => {
    const sessions = engine()
    const before = await anonymous(sessions)
    const after = (await serve(sessions, before, (s) => s.login('ann'))).newCookie!

    const reader = await serve(sessions, before, (s) => expect(s.get('cart')).toBeUndefined())
    expect(reader.setCookie).toBeUndefined()
    const writer = new Visit(before)
    const session = await open(sessions, writer)
    session.set('flash', ['lost'])
    expect(await codeOf(() => sessions.finish(session, { status: 200 }))).toBe('ERR_GONE')
    expect(writer.setCookie).toBeUndefined()
    for (const change of [
      (s: Session<Data>) => s.renew(),
      (s: Session<Data>) => s.setLifetime({ idleTimeout: '1h' }),
    ]) {
      expect(await codeOf(() => serve(sessions, before, change))).toBe('ERR_GONE')
    }
    expect(await state(sessions, after)).toMatchObject({ subject: 'ann' })

    await serve(sessions, before, (s) => s.logout())
    expect(await state(sessions, after)).toEqual(GONE)
  })

  it('ASVS 7.2.4: refuses a change that was under way when the renewal came', async () => {
    const sessions = engine()
    const before = await anonymous(sessions)
    const slow = new Visit(before)
    const session = await open(sessions, slow)
    session.set('n', 1)
    const fast = serve(sessions, before, (s) => s.login('ann'))
    const late = (async () => sessions.finish(session, { status: 200 }))()
    const codes = await Promise.all([codeOf(() => late), codeOf(() => fast)])
    // Whichever came first: a change before the renewal is carried over, one after it is refused.
    expect(['none', 'ERR_GONE']).toContain(codes[0])
    const renewed = await open(sessions, new Visit((await fast).newCookie))
    expect(renewed.get('n')).toBe(codes[0] === 'none' ? 1 : undefined)
    expect(slow.setCookie).toBeUndefined()
  })
})

describe('logout and destroy', () => {
  it.each(['logout', 'destroy'] as const)(
    '%s ends the session for good and deletes the cookie (ASVS 7.4.1)',
    async (verb) => {
      const sessions = engine()
      const cookie = await signedIn(sessions)
      const visit = await serve(sessions, cookie, (s) => (s.set('n', 1), s[verb]()))
      expect(visit.setCookie).toMatch(/^id=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/)
      expect(visit.sent('cache-control')).toContain('no-store')
      expect(await state(sessions, cookie)).toEqual(GONE)
    },
  )

  it('logout leaves a fresh anonymous session, with a name of its own', async () => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    let names: string[] = []
    const visit = await serve(sessions, cookie, (s) => {
      const { id } = s
      s.logout()
      expect([s.subject, s.get('cart'), s.isNew]).toEqual([undefined, undefined, true])
      s.set('flash', ['bye'])
      names = [id, s.id]
    })
    const next = await open(sessions, new Visit(visit.newCookie))
    expect([next.get('flash'), next.subject, next.id]).toEqual([['bye'], undefined, names[1]])
    expect(names[0]).not.toBe(names[1])
  })

  it('destroy closes the handle', async () => {
    const sessions = engine()
    await serve(sessions, await signedIn(sessions), async (s) => {
      s.destroy()
      expect(s.get('cart')).toBeUndefined()
      for (const change of [() => s.set('n', 1), () => s.login('ann'), () => s.logout(), () => s.destroy()]) {
        expect(await codeOf(change)).toBe('ERR_ENDED')
      }
    })
  })

  it('win over a slow request, which is told if it wrote and left alone if it read', async () => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    const writer = new Visit(cookie)
    const reader = new Visit(cookie)
    const writing = await open(sessions, writer)
    const reading = await open(sessions, reader)
    writing.increment('n')
    reading.get('cart')
    await serve(sessions, cookie, (s) => s.logout())
    const gone = await hear('holdfast:gone', async () => {
      expect(await codeOf(() => sessions.finish(writing, { status: 200 }))).toBe('ERR_GONE')
      expect(sessions.finish(reading, { status: 200 })).toBeUndefined()
    })
    expect(gone).toHaveLength(1)
    expect([writer.setCookie, reader.setCookie]).toEqual([undefined, undefined])
    expect(await state(sessions, cookie)).toEqual(GONE)
  })

  it('after a commit of the same request replace the cookie that it set', async () => {
    const sessions = engine()
    const visit = await serve(sessions, undefined, async (s) => {
      s.set('n', 1)
      await s.commit()
      s.logout()
    })
    expect(visit.sent('set-cookie')[0]).toMatch(/^id=[\w-]{32};/)
    expect(visit.setCookie).toMatch(/^id=;.*Max-Age=0$/)
  })

  it('clear nothing where the client has no cookie', async () => {
    const visit = await serve(engine(), undefined, (s) => s.logout())
    expect(visit.headers).toEqual([['vary', 'Cookie']])
  })

  it('logout over https clears site data, destroy does not', async () => {
    for (const [verb, expected] of [
      ['logout', ['"cache"']],
      ['destroy', []],
    ] as const) {
      const sessions = engine()
      const visit = new Visit()
      visit.secure = true
      const session = await open(sessions, visit)
      session[verb]()
      await sessions.finish(session, { status: 200 })
      expect(visit.sent('clear-site-data')).toEqual(expected)
    }
  })
})

describe('renew', () => {
  it('CS-6: goes on with the same data under a new token; the old one is dead', async () => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    const events = await hear('holdfast:renewed', async () => {
      const after = (await serve(sessions, cookie, (s) => s.renew())).newCookie!
      expect(after).not.toBe(cookie)
      expect(await state(sessions, after)).toEqual({ subject: 'ann', cart: ['tea'], isNew: false })
    })
    expect(events).toMatchObject([{ reason: 'renew' }])
    expect(await state(sessions, cookie)).toEqual(GONE)
  })

  it('takes over what another request changed meanwhile', async () => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    session.renew()
    await serve(sessions, cookie, (s) => s.increment('n', 7))
    await sessions.finish(session, { status: 200 })
    expect((await open(sessions, new Visit(visit.newCookie))).get('n')).toBe(7)
  })

  it('of nothing does nothing', async () => {
    expect((await serve(engine(), undefined, (s) => s.renew())).setCookie).toBeUndefined()
  })
})

describe('a handler that ended in 5xx', () => {
  it('loses field changes and logins, and its cookies', async () => {
    const sessions = engine()
    const cookie = await anonymous(sessions)
    const codes = await warnings(async () => {
      const visit = await serve(sessions, cookie, (s) => (s.set('n', 1), s.login('ann')), 500)
      expect(visit.setCookie).toBeUndefined()
    })
    expect(codes).toEqual(['WARN_CHANGES_DROPPED'])
    expect((await open(sessions, new Visit(cookie))).keys()).toEqual(['cart'])
  })

  it.each(['logout', 'destroy'] as const)('still carries out %s, cookie included', async (verb) => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    const visit = await serve(sessions, cookie, (s) => s[verb](), 500)
    expect(visit.setCookie).toMatch(/^id=;/)
    expect(await state(sessions, cookie)).toEqual(GONE)
  })

  it('still renews', async () => {
    const sessions = engine()
    const cookie = await signedIn(sessions)
    const visit = await serve(sessions, cookie, (s) => (s.set('n', 1), s.renew()), 503)
    const after = await open(sessions, new Visit(visit.newCookie))
    expect([after.subject, after.get('n')]).toEqual(['ann', undefined])
  })

  it('is saved with `saveOn5xx`', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), saveOn5xx: true })
    const visit = await serve(sessions, undefined, (s) => s.set('n', 1), 500)
    expect((await open(sessions, new Visit(visit.newCookie))).get('n')).toBe(1)
  })
})

describe('a response that left without the binding', () => {
  it('drops what was not committed, and says so', async () => {
    const sessions = engine()
    const cookie = await anonymous(sessions)
    const codes = await warnings(async () => {
      const session = await open(sessions, new Visit(cookie))
      session.set('n', 1)
      sessions.abandon(session)
      expect(await codeOf(() => session.set('n', 2))).toBe('ERR_RESPONSE_STARTED')
    })
    expect(codes).toEqual(['WARN_NOT_COMMITTED'])
    expect((await open(sessions, new Visit(cookie))).get('n')).toBeUndefined()
  })

  it('is nothing to speak of when all was committed, or is just being committed', async () => {
    const sessions = engine()
    const cookie = await anonymous(sessions)
    const codes = await warnings(async () => {
      const session = await open(sessions, new Visit(cookie))
      session.set('n', 1)
      const committing = session.commit()
      sessions.abandon(session)
      await committing
      sessions.abandon(session)
    })
    expect(codes).toEqual([])
    expect((await open(sessions, new Visit(cookie))).get('n')).toBe(1)
  })
})

describe('tokens', () => {
  it('that are unknown are never adopted, and the cookie is left alone', async () => {
    const sessions = engine()
    const made = `id=${'A'.repeat(32)}`
    const events = await hear('holdfast:rejected', async () => {
      const read = await serve(sessions, made, (s) => s.get('cart'))
      expect(read.setCookie).toBeUndefined()
    })
    expect(events).toEqual([{ reason: 'unknown' }])
    const written = await serve(sessions, made, (s) => s.set('n', 1))
    expect(written.newCookie).toMatch(/^id=[\w-]{32}$/)
    expect(written.newCookie).not.toBe(made)
  })

  it('that both live mean none', async () => {
    const sessions = engine()
    const one = await anonymous(sessions)
    const two = await anonymous(sessions)
    const events = await hear('holdfast:rejected', async () => {
      expect((await open(sessions, new Visit(`${one}; ${two}`))).isNew).toBe(true)
    })
    expect(events).toEqual([{ reason: 'ambiguous' }])
    expect(await state(sessions, `id=${'B'.repeat(32)}; ${one}; ${one}`)).toMatchObject({ isNew: false })
  })

  it('that both live are both ended by a logout', async () => {
    const sessions = engine()
    const one = await signedIn(sessions)
    const two = await signedIn(sessions)
    await serve(sessions, `${one}; ${two}`, (s) => s.logout())
    expect([await state(sessions, one), await state(sessions, two)]).toEqual([GONE, GONE])
  })

  it('that are malformed cost no store call', async () => {
    const sessions = engine()
    const calls = await hear('holdfast:store', async () => {
      const rejected = await hear('holdfast:rejected', () => serve(sessions, 'id=short', (s) => s.get('cart')))
      expect(rejected).toEqual([{ reason: 'malformed' }])
    })
    expect(calls).toEqual([])
  })
})
