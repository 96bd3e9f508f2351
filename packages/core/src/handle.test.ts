import { inspect } from 'node:util'
import { runInThisContext } from 'node:vm'

import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, open, serve, manualClock, warnings } from '../test/visit.ts'
import { type Session, type Sessions, createSessions, memoryStore } from './index.ts'
import { keyOf } from './mechanisms/token.ts'

interface Data {
  cart: string[]
  n: number
  when: Date
  map: Map<string, number>
}

const engine = (): Sessions<Data> => createSessions<Data>({ store: memoryStore() })

async function begun(): Promise<{ sessions: Sessions<Data>; cookie: string }> {
  const sessions = engine()
  const visit = await serve(sessions, undefined, (s) => {
    s.set('cart', ['tea'])
    s.set('when', new Date(5))
    s.set('map', new Map([['a', 1]]))
  })
  return { sessions, cookie: visit.newCookie! }
}

describe('reading', () => {
  it('answers frozen objects and arrays, and to each request a Date, Map or Set of its own', async () => {
    const { sessions, cookie } = await begun()
    const one = await open(sessions, new Visit(cookie))
    const two = await open(sessions, new Visit(cookie))
    expect(one.get('when')).toEqual(two.get('when'))
    expect(one.get('when')).not.toBe(two.get('when'))
    expect(one.get('map')).not.toBe(two.get('map'))
    expect(one.get('cart')).toBe(one.get('cart'))
    expect(() => (one.get('cart') as string[]).push('milk')).toThrow(TypeError)
  })

  it('sees the changes of the same request', async () => {
    const session = await open(engine(), new Visit())
    const cart = ['tea']
    session.set('cart', cart)
    cart.push('not recorded')
    session.update('cart', (value = []) => {
      value.push('milk')
      return value
    })
    session.increment('n')
    session.increment('n', 4)
    expect([session.get('cart'), session.get('n'), session.has('n'), session.keys()]).toEqual([
      ['tea', 'milk'],
      5,
      true,
      ['cart', 'n'],
    ])
    session.delete('n')
    session.update('cart', () => undefined)
    session.set('when', undefined as never)
    expect([session.get('n'), session.has('n'), session.keys()]).toEqual([undefined, false, []])
  })

  it('tells about the session', async () => {
    const { sessions, cookie } = await begun()
    const fresh = await open(sessions, new Visit())
    expect([
      fresh.isNew,
      fresh.revision,
      fresh.createdAt,
      fresh.expiresAt,
      fresh.absoluteExpiresAt,
      fresh.subject,
    ]).toEqual([true, 0, undefined, undefined, undefined, undefined])
    expect(fresh.id).toMatch(/^[\w-]{16}$/)
    expect(fresh.id).toBe(fresh.id)
    const session = await open(sessions, new Visit(cookie))
    expect([session.isNew, session.revision]).toEqual([false, 1])
    expect(session.absoluteExpiresAt! - session.createdAt!).toBe(2 * 3_600_000)
    expect(session.expiresAt! - session.createdAt!).toBeGreaterThan(9.5 * 60_000)
    expect(session.expiresIn()).toBeLessThanOrEqual(10 * 60_000)
  })

  const reads: [string, (s: Session<Data>) => unknown][] = [
    ['get', (s) => s.get('cart')],
    ['has', (s) => s.has('cart')],
    ['keys', (s) => s.keys()],
    ['take', (s) => s.take('cart')],
    ['id', (s) => s.id],
    ['isNew', (s) => s.isNew],
    ['subject', (s) => s.subject],
    ['createdAt', (s) => s.createdAt],
    ['expiresAt', (s) => s.expiresAt],
    ['absoluteExpiresAt', (s) => s.absoluteExpiresAt],
    ['revision', (s) => s.revision],
    ['JSON', (s) => JSON.stringify(s)],
    ['inspect', (s) => inspect(s)],
  ]
  it.each(reads)('%s without a cookie leaves no trace but Vary', async (_, read) => {
    const calls = await hear('holdfast:store', async () => {
      const visit = await serve(engine(), undefined, read)
      expect(visit.headers).toEqual([['vary', 'Cookie']])
    })
    expect(calls).toEqual([])
  })

  it('not looking leaves none at all', async () => {
    const { sessions, cookie } = await begun()
    for (const one of [undefined, cookie]) expect((await serve(sessions, one, () => {})).headers).toEqual([])
  })
})

describe('property style', () => {
  const sloppy = runInThisContext('(function (object, name, value) { object[name] = value })') as (
    object: object,
    name: string,
    value: unknown,
  ) => void

  it.each(['user', 'cookie', 'id', 'subject', 'get', 'keys', 'isNew'])(
    '`session.%s = …` is refused in sloppy and strict mode',
    async (name) => {
      const session = await open(engine(), new Visit())
      expect(await codeOf(() => sloppy(session, name, 1))).toBe('ERR_PROPERTY_STYLE')
      expect(await codeOf(() => Object.assign(session, { [name]: 1 }))).toBe('ERR_PROPERTY_STYLE')
      expect(() => sloppy(session, name, 1)).toThrow(`session.set('${name}', value)`)
    },
  )

  it('reading an unknown name answers undefined, and a handle can be awaited', async () => {
    const session = await open(engine(), new Visit())
    expect((session as unknown as { user?: string }).user).toBeUndefined()
    expect(await Promise.resolve(session)).toBe(session)
  })
})

describe('what is shown of a handle', () => {
  it('holds no token, key or value', async () => {
    const { sessions, cookie } = await begun()
    const session = await open(sessions, new Visit(cookie))
    session.set('cart', ['secret'])
    const shown =
      JSON.stringify(session) + inspect(session, { depth: 9, showHidden: true }) + inspect({ session }, { depth: 9 })
    const token = cookie.split('=')[1]!
    for (const hidden of [token, keyOf(token), 'secret', 'tea']) expect(shown).not.toContain(hidden)
    expect(JSON.parse(JSON.stringify(session))).toEqual({ id: session.id, isNew: false, revision: 1 })
  })
})

describe('bad input', () => {
  it.each<[string, (s: Session<Data>) => unknown, string]>([
    ['a name that is empty', (s) => s.set('' as 'n', 1), 'ERR_FIELD_NAME'],
    ['a name that is no text', (s) => s.get(5 as never), 'ERR_FIELD_NAME'],
    ['a name that is too long', (s) => s.delete('x'.repeat(257) as 'n'), 'ERR_FIELD_NAME'],
    ['a function as value', (s) => s.set('n', (() => 1) as never), 'ERR_VALUE'],
    [
      'an `update` that answers a class instance',
      (s) => s.update('cart', () => new (class A {})() as never),
      'ERR_VALUE',
    ],
    ['incrementing text', (s) => (s.set('cart', ['x']), s.increment('cart' as never)), 'ERR_VALUE'],
    ['incrementing by NaN', (s) => s.increment('n', Number.NaN), 'ERR_VALUE'],
    ['an unknown option of login', (s) => s.login('ann', { remeber: true } as never), 'ERR_OPTIONS'],
    ['an unknown lifetime', (s) => s.setLifetime({ maxAge: 5 } as never), 'ERR_OPTIONS'],
    ['a persistence that is neither', (s) => s.setLifetime({ persistent: 'no' } as never), 'ERR_OPTIONS'],
    ['too much', (s) => s.set('cart', ['x'.repeat(70_000)]), 'ERR_TOO_LARGE'],
  ])('%s is refused, and nothing is recorded', async (_, change, code) => {
    const sessions = engine()
    const visit = await serve(sessions, undefined, async (s) => {
      expect(await codeOf(() => change(s))).toBe(code)
      s.delete('cart')
    })
    expect(visit.setCookie).toBeUndefined()
  })

  it('names the field and the path once, and the code at the end', async () => {
    const session = await open(engine(), new Visit())
    expect(() => session.set('cart', [{ save() {} }] as never)).toThrow(
      /^The field `cart` cannot be kept\. The value at `\[0\]\.save` is a function\. [^[]*\[ERR_VALUE\]$/,
    )
  })

  it('too much names the largest fields and keeps the record', async () => {
    const { sessions, cookie } = await begun()
    const session = await open(sessions, new Visit(cookie))
    expect(() => session.update('cart', (cart = []) => [...cart, 'x'.repeat(70_000)])).toThrow(
      /`cart` \(70\d\d\d bytes\)/,
    )
    session.increment('n')
    await session.commit()
    expect((await open(sessions, new Visit(cookie))).get('cart')).toEqual(['tea'])
  })

  it('an `update` function that throws records nothing', async () => {
    const session = await open(engine(), new Visit())
    expect(() => session.update('n', () => JSON.parse('{') as number)).toThrow(SyntaxError)
    expect(session.has('n')).toBe(false)
  })
})

describe("load: 'lazy'", () => {
  it('refuses reading before `load()`, and records changes without it', async () => {
    const { sessions, cookie } = await begun()
    const session = await open(sessions, new Visit(cookie), { load: 'lazy' })
    for (const use of [
      () => session.get('cart'),
      () => session.take('cart'),
      () => session.id,
      () => session.login('x'),
      () => session.logout(),
      () => session.renew(),
    ]) {
      expect(await codeOf(use)).toBe('ERR_NOT_LOADED')
    }
    expect(inspect(session)).toBe('Session { isLoaded: false }')
    session.update('cart', (cart = []) => [...cart, 'milk'])
    session.set('n', 2)
    session.increment('n')
    session.delete('when')
    expect((await session.load()).get('cart')).toEqual(['tea', 'milk'])
    expect([session.get('n'), session.has('when')]).toEqual([3, false])
    await session.commit()
    expect((await open(sessions, new Visit(cookie))).get('n')).toBe(3)
  })

  it('saves without ever being loaded by the handler, and destroys', async () => {
    const { sessions, cookie } = await begun()
    const session = await open(sessions, new Visit(cookie), { load: 'lazy' })
    session.increment('n', 7)
    await sessions.finish(session, { status: 200 })
    expect((await open(sessions, new Visit(cookie))).get('n')).toBe(7)
    const visit = new Visit(cookie)
    const ending = await open(sessions, visit, { load: 'lazy' })
    ending.destroy()
    await sessions.finish(ending, { status: 200 })
    expect(visit.setCookie).toMatch(/^id=;/)
    expect((await open(sessions, new Visit(cookie))).isNew).toBe(true)
  })

  it('costs nothing when nothing is asked', async () => {
    const { sessions, cookie } = await begun()
    const calls = await hear('holdfast:store', async () => {
      const session = sessions.open(new Visit(cookie), { load: 'lazy' }) as Session<Data>
      expect(sessions.finish(session, { status: 200 })).toBeUndefined()
    })
    expect(calls).toEqual([])
  })
})

describe('opening', () => {
  it('is synchronous without a token', () => {
    expect(engine().open(new Visit())).not.toBeInstanceOf(Promise)
    expect(engine().open(new Visit('other=1; id=%41'))).not.toBeInstanceOf(Promise)
  })

  it('again for the same request answers the same handle, and `of` finds it', async () => {
    const { sessions, cookie } = await begun()
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    expect(await open(sessions, visit, { passive: true })).toBe(session)
    expect([sessions.of(visit), sessions.of({ raw: visit }), sessions.of({ req: visit })]).toEqual([
      session,
      session,
      session,
    ])
    expect(await codeOf(() => sessions.of({}))).toBe('ERR_NOT_MOUNTED')
  })

  it('tells the binding of the first use, once', async () => {
    const visit = Object.assign(new Visit(), { uses: 0, onUse: () => void visit.uses++ })
    const session = await open(engine(), visit)
    expect(visit.uses).toBe(0)
    session.set('n', 1)
    session.get('n')
    expect(visit.uses).toBe(1)
  })

  it('tells a binding that asks for it of the first read, and of what may have to be waited for', async () => {
    const { sessions, cookie } = await begun()
    const told: string[] = []
    const visiting = (): Visit =>
      Object.assign(new Visit(cookie), { onRead: () => void told.push('read'), onUse: () => void told.push('use') })
    const toldOf = async (act: (session: Session<Data>) => unknown): Promise<string[]> => {
      told.length = 0
      await act(await open(sessions, visiting()))
      return [...told]
    }
    expect(await toldOf(() => {})).toEqual([])
    expect(await toldOf((session) => [session.get('n'), session.has('n'), session.id])).toEqual(['read'])
    expect(await toldOf((session) => [session.get('n'), session.set('n', 1), session.get('n')])).toEqual([
      'read',
      'use',
    ])
    expect(await toldOf((session) => [session.set('n', 1), session.get('n')])).toEqual(['use'])
    expect(await toldOf((session) => session.commit())).toEqual(['use'])
  })

  it('tells it of a use at once where the token is due', async () => {
    const clock = manualClock()
    const sessions = createSessions<Data>({ store: memoryStore({ clock }), clock, renewEvery: '15m' })
    const { newCookie: cookie } = await serve(sessions, undefined, (session) => session.login('ann'))
    const told: string[] = []
    const visit = new Visit(cookie)
    Object.assign(visit, { onRead: () => void told.push('read'), onUse: () => void told.push('use') })
    clock.advance(16 * 60_000)
    const session = await open(sessions, visit)
    expect(session.subject).toBe('ann')
    expect(told).toEqual(['use'])
    await sessions.finish(session, { status: 200 })
    expect(visit.newCookie).not.toBe(cookie)
  })
})

describe('after the response has started', () => {
  it('a change is refused, and reading goes on', async () => {
    const session = await open(engine(), new Visit())
    session.set('n', 1)
    await engine().finish(session, { status: 200 })
    expect(await codeOf(() => session.set('n', 2))).toBe('ERR_RESPONSE_STARTED')
    expect(session.get('n')).toBe(1)
    const hijacked = Object.assign(new Visit(), { started: true })
    expect(await codeOf(async () => (await open(engine(), hijacked)).set('n', 1))).toBe('ERR_RESPONSE_STARTED')
  })
})

describe('when the headers have left', () => {
  it('a commit that needs a token is refused before it is sent, others are carried out', async () => {
    const { sessions, cookie } = await begun()
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    session.increment('n')
    session.login('ann')
    visit.started = true
    expect(await codeOf(() => session.commit())).toBe('ERR_RESPONSE_STARTED')
    expect((await open(sessions, new Visit(cookie))).get('cart')).toEqual(['tea'])
    const hijacked = Object.assign(new Visit(cookie), { headersSent: false })
    const other = await open(sessions, hijacked)
    other.login('ann')
    hijacked.started = true
    await other.commit()
    expect(hijacked.setCookie).toMatch(/^id=[\w-]{32};/)
  })
})

describe('an exchange without response headers', () => {
  it('reads and changes a session, and refuses what would need a cookie', async () => {
    const { sessions, cookie } = await begun()
    const upgrade = (header?: string): Visit => Object.assign(new Visit(header), { appendHeader: undefined })
    const session = await open(sessions, upgrade(cookie))
    session.increment('n')
    await session.commit()
    session.login('ann')
    expect(await codeOf(() => session.commit())).toBe('ERR_NO_RESPONSE')
    const fresh = await open(sessions, upgrade())
    fresh.set('n', 1)
    expect(await codeOf(() => fresh.commit())).toBe('ERR_NO_RESPONSE')
    expect((await open(sessions, new Visit(cookie))).get('n')).toBe(1)
  })
})

describe('a value that was read and then changed in place', () => {
  it('and given back is no mistake', async () => {
    const { sessions, cookie } = await begun()
    const codes = await warnings(() =>
      serve(sessions, cookie, (s) => {
        const when = s.get('when') as Date
        when.setTime(7)
        s.set('when', when)
      }),
    )
    expect(codes).toEqual([])
    expect((await open(sessions, new Visit(cookie))).get('when')).toEqual(new Date(7))
  })

  it('so that it cannot be kept any more is a warning, not an error', async () => {
    const { sessions, cookie } = await begun()
    const spoil = (s: Session<Data>): unknown => (s.get('when') as Date).setTime(Number.NaN)
    expect(await warnings(() => serve(sessions, cookie, spoil))).toEqual(['WARN_MUTATED'])
  })

  it('is named in a warning at commit', async () => {
    const { sessions, cookie } = await begun()
    const codes = await warnings(async () => {
      await serve(sessions, cookie, (s) => s.get('when'))
      await serve(sessions, cookie, (s) => (s.get('map') as Map<string, number>).set('a', 2))
    })
    expect(codes).toEqual(['WARN_MUTATED'])
  })
})
