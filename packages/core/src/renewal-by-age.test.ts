import { describe, expect, it } from 'vitest'

import { interfered } from '../test/stores.ts'
import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import {
  type AnyStore,
  type MemoryStore,
  type Session,
  type Sessions,
  type SessionsOptions,
  createSessions,
  headerTransport,
  memoryStore,
} from './index.ts'
import { keyOf } from './mechanisms/token.ts'

interface Data {
  n: number
  m: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND

interface Stage {
  readonly sessions: Sessions<Data>
  readonly other: Sessions<Data>
  readonly store: MemoryStore
  readonly clock: ManualClock
  /** A cookie of a session that ann has signed in to. */
  readonly cookie: string
}

/** Two processes over one store, and a session that is a quarter of an hour old. */
async function aged(
  options: SessionsOptions = {},
  wrap: (store: MemoryStore) => AnyStore = (one) => one,
): Promise<Stage> {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const make = (): Sessions<Data> => createSessions<Data>({ store: wrap(store), jitter: 0, cache: false, ...options })
  const [sessions, other] = [make(), make()]
  const cookie = (await serve(sessions, undefined, (s) => (s.login('ann'), s.set('n', 1)))).newCookie!
  clock.advance(15 * MINUTE)
  return { sessions, other, store, clock, cookie }
}

const read = (s: Session<Data>): unknown => s.get('n')

async function state(sessions: Sessions<Data>, cookie: string): Promise<unknown> {
  const session = await open(sessions, new Visit(cookie))
  return [session.subject, session.get('n')]
}

/** Lets what nobody waits for come to an end. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const ANN = ['ann', 1]
const NOBODY = [undefined, undefined]

describe('a session whose token has become old', () => {
  it('CS-9: goes on under a new one, with the same id, data and absolute end', async () => {
    const { sessions, clock, cookie } = await aged()
    const before = await open(sessions, new Visit(cookie))
    const events = await hear('holdfast:renewed', async () => {
      const visit = await serve(sessions, cookie, read)
      expect(visit.newCookie).toMatch(/^id=[\w-]{32}$/)
      expect(visit.newCookie).not.toBe(cookie)
      expect(visit.sent('cache-control')).toEqual(['no-store'])
      const after = await open(sessions, new Visit(visit.newCookie))
      expect([after.id, after.createdAt, after.authenticatedAt, after.absoluteExpiresAt, after.get('n')]).toEqual([
        before.id,
        before.createdAt,
        before.authenticatedAt,
        before.absoluteExpiresAt,
        1,
      ])
      expect(after.expiresIn()).toBe(30 * MINUTE)
    })
    expect(events).toEqual([{ id: before.id, reason: 'age' }])
    clock.advance(5 * MINUTE)
  })

  it('does so not a moment earlier, and not when nobody has signed in', async () => {
    const { sessions, clock, cookie } = await aged()
    clock.advance(-1)
    expect((await serve(sessions, cookie, read)).setCookie).toBeUndefined()
    const anonymous = (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!
    for (let minute = 0; minute < 20; minute += 5) {
      expect((await serve(sessions, anonymous, (s) => expect(s.get('n')).toBe(1))).setCookie).toBeUndefined()
      await settle()
      clock.advance(5 * MINUTE)
    }
  })

  it('does so only on a response that can carry the token', async () => {
    const { sessions, cookie } = await aged()
    const quiet = async (visit: Visit, passive = false, status = 200): Promise<void> => {
      const session = await open(sessions, visit, { passive })
      session.get('n')
      await sessions.finish(session, { status })
      expect(visit.setCookie).toBeUndefined()
      expect(await state(sessions, cookie)).toEqual(ANN)
      expect((await open(sessions, new Visit(cookie))).revision).toBe(1)
    }
    await quiet(new Visit(cookie), true)
    await quiet(new Visit(cookie), false, 500)
    const upgrade = Object.assign(new Visit(cookie), { appendHeader: undefined })
    await quiet(upgrade as unknown as Visit)
    // A handler that never looks leaves no trace.
    expect((await serve(sessions, cookie, () => {})).headers).toEqual([])
  })

  it('does not where a cookie would be withheld', async () => {
    const { sessions, cookie } = await aged({ cookie: { secure: true } })
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    expect(session.isNew).toBe(true)
  })

  it('is kept by `renewEvery: false`', async () => {
    const { sessions, cookie } = await aged({ renewEvery: false })
    expect((await serve(sessions, cookie, read)).setCookie).toBeUndefined()
  })

  it('keeps its age by a change, and becomes young by a renewal of privilege', async () => {
    const { sessions, clock, cookie } = await aged()
    clock.advance(-MINUTE)
    const renewed = (await serve(sessions, cookie, (s) => s.renew())).newCookie!
    clock.advance(MINUTE)
    expect((await serve(sessions, renewed, (s) => s.increment('m'))).setCookie).toBeUndefined()
    clock.advance(14 * MINUTE)
    expect((await serve(sessions, renewed, read)).newCookie).toBeDefined()
  })

  it('saves what its request changed, by the same write', async () => {
    const { sessions, cookie } = await aged()
    const calls = await hear('holdfast:store', async () => {
      const visit = await serve(sessions, cookie, (s) => s.increment('n'))
      expect(await state(sessions, visit.newCookie!)).toEqual(['ann', 2])
    })
    expect(calls.map(({ verb }) => verb).slice(0, 3)).toEqual(['load', 'renew', 'load'])
  })

  it('is answered in the header of a header session', async () => {
    const clock = manualClock()
    const sessions = createSessions<Data>({ store: memoryStore({ clock }), transport: headerTransport() })
    const first = await serve(sessions, undefined, (s) => s.login('ann'))
    clock.advance(15 * MINUTE)
    const visit = new Visit(undefined, { 'x-session': first.sent('x-session')[0]! })
    const session = await open(sessions, visit)
    expect(session.subject).toBe('ann')
    await sessions.finish(session, { status: 200 })
    expect(visit.sent('x-session')[0]).toMatch(/^[\w-]{32}$/)
  })

  it('that cannot be renewed now is as good as before', async () => {
    let isBroken = true
    const { sessions, cookie } = await aged({}, (store) =>
      interfered({ renew: (run) => (isBroken ? Promise.reject(new Error('no')) : run()) }, store),
    )
    const visit = await serve(sessions, cookie, read)
    expect(visit.setCookie).toBeUndefined()
    isBroken = false
    expect((await serve(sessions, cookie, read)).newCookie).toBeDefined()
  })

  it('that ended meanwhile is no error for a request that only read', async () => {
    const { sessions, other, cookie } = await aged()
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    session.get('n')
    await serve(other, cookie, (s) => s.logout())
    await sessions.finish(session, { status: 200 })
    expect(visit.setCookie).toBeUndefined()
  })
})

describe('the token that was replaced', () => {
  it('OA-5: leads on as long as nobody has presented the new one, and the client gets the same one again', async () => {
    const { sessions, other, clock, cookie } = await aged()
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    const alarms = await hear('holdfast:reuse', async () => {
      for (let minute = 0; minute < 180; minute += 20) {
        const visit = await serve(minute % 40 === 0 ? sessions : other, cookie, read)
        expect(visit.newCookie).toBe(renewed)
        await settle()
        clock.advance(20 * MINUTE)
      }
    })
    expect(alarms).toEqual([])
    expect(await state(sessions, renewed)).toEqual(ANN)
  })

  it('leads on only until the absolute end', async () => {
    const { sessions, clock, cookie } = await aged()
    await serve(sessions, cookie, read)
    for (let minute = 15; minute < 8 * 60; minute += 15) {
      expect(await state(sessions, cookie)).toEqual(ANN)
      await serve(sessions, cookie, read)
      await settle()
      clock.advance(15 * MINUTE)
    }
    expect(await state(sessions, cookie)).toEqual(NOBODY)
  })

  it('CS-9: gives the requests of one moment one successor: 100 in two processes', async () => {
    for (const options of [{}, { cache: { maxAge: '5s' } }] as const) {
      const { sessions, other, cookie } = await aged(options)
      const visits = Array.from({ length: 100 }, () => new Visit(cookie))
      const renewals = await hear('holdfast:renewed', async () => {
        const handles = await Promise.all(visits.map((visit, index) => open(index % 2 === 0 ? sessions : other, visit)))
        await Promise.all(
          handles.map(async (session, index) => {
            if (index % 3 === 0) session.increment('n')
            else session.get('n')
            await (index % 2 === 0 ? sessions : other).finish(session, { status: 200 })
          }),
        )
      })
      expect(renewals).toHaveLength(1)
      expect(new Set(visits.map(({ newCookie }) => newCookie)).size).toBe(1)
      expect(await state(sessions, visits[0]!.newCookie!)).toEqual(['ann', 35])
    }
  })

  it('costs one process one renewal, and those who come with it no call of the store', async () => {
    const { sessions, cookie } = await aged()
    const visits = Array.from({ length: 20 }, () => new Visit(cookie))
    const handles = await Promise.all(visits.map((visit) => open(sessions, visit)))
    const calls = await hear('holdfast:store', () =>
      Promise.all(handles.map(async (session) => (session.get('n'), sessions.finish(session, { status: 200 })))),
    )
    expect(calls.map(({ verb }) => verb)).toEqual(['renew'])
    expect(new Set(visits.map(({ newCookie }) => newCookie)).size).toBe(1)
  })

  it('loses no change of a request that was under way, however slow', async () => {
    const { sessions, other, clock, cookie } = await aged()
    const slow = new Visit(cookie)
    const session = await open(other, slow)
    session.increment('n')
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    await serve(sessions, renewed, read)
    await settle()
    clock.advance(MINUTE)
    await other.finish(session, { status: 200 })
    expect(await state(sessions, renewed)).toEqual(['ann', 2])
    // The client has the new token: another cookie now could overwrite a newer one.
    expect(slow.setCookie).toBeUndefined()
  })

  it('leads to a logout and to a login too', async () => {
    for (const change of ['logout', 'login'] as const) {
      const { sessions, other, cookie } = await aged()
      const slow = new Visit(cookie)
      const session = await open(other, slow)
      const renewed = (await serve(sessions, cookie, read)).newCookie!
      if (change === 'logout') session.logout()
      else session.login('ann')
      await other.finish(session, { status: 200 })
      expect(await state(sessions, renewed)).toEqual(NOBODY)
      if (change === 'login') expect(await state(sessions, slow.newCookie!)).toEqual(ANN)
    }
  })

  it('CS-9: still leads on for 10 s once the new one was presented, without a cookie', async () => {
    const { sessions, clock, cookie } = await aged()
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    clock.advance(MINUTE)
    await serve(sessions, renewed, read)
    await settle()
    clock.advance(10 * SECOND - 1)
    const late = await serve(sessions, cookie, read)
    expect(late.setCookie).toBeUndefined()
    expect(await state(sessions, cookie)).toEqual(ANN)
    expect(await state(sessions, renewed)).toEqual(ANN)
  })

  it('OA-2: raises an alarm after that, and ends the session', async () => {
    const { sessions, other, clock, cookie } = await aged()
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    await serve(sessions, renewed, read)
    await settle()
    const { id } = await open(sessions, new Visit(renewed))
    clock.advance(10 * SECOND)
    const ended = await hear('holdfast:ended', async () => {
      const alarms = await hear('holdfast:reuse', async () => {
        const thief = await open(other, new Visit(cookie))
        expect([thief.subject, thief.endedBecause]).toEqual([undefined, { reason: 'reuse', at: clock.now() }])
      })
      expect(alarms).toEqual([{ id, isEnded: true }])
    })
    expect(ended).toEqual([{ id, reason: 'reuse' }])
    const owner = await open(sessions, new Visit(renewed))
    expect([owner.subject, owner.endedBecause?.reason]).toEqual([undefined, 'reuse'])
  })

  it('OA-2: ends it in the process that raised the alarm before the feed tells', async () => {
    const { sessions, clock, cookie } = await aged({ cache: {} }, (store) => ({
      ...store,
      subscribe: () => () => {},
    }))
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    await serve(sessions, renewed, read)
    await settle()
    expect(await state(sessions, renewed)).toEqual(ANN)
    clock.advance(10 * SECOND)
    expect(await state(sessions, cookie)).toEqual(NOBODY)
    expect(await state(sessions, renewed)).toEqual(NOBODY)
  })

  it('OA-2: with `onReuse: report` only raises the alarm', async () => {
    const { sessions, clock, cookie } = await aged({ onReuse: 'report' })
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    await serve(sessions, renewed, read)
    await settle()
    clock.advance(10 * SECOND)
    const alarms = await hear('holdfast:reuse', async () => expect(await state(sessions, cookie)).toEqual(NOBODY))
    expect(alarms).toMatchObject([{ isEnded: false }])
    expect(await state(sessions, renewed)).toEqual(ANN)
  })

  it('is merely unknown after two periods more, and the store has forgotten it', async () => {
    for (const trim of ['store', undefined] as const) {
      const { sessions, store, clock, cookie } = await aged({ idleTimeout: '2h', renewEvery: '15m' }, (one) =>
        trim === undefined ? { ...one, trim: undefined as never } : one,
      )
      const renewed = (await serve(sessions, cookie, read)).newCookie!
      await serve(sessions, renewed, read)
      await settle()
      clock.advance(30 * MINUTE + 10 * SECOND)
      expect(await state(sessions, cookie)).toEqual(NOBODY)
      clock.advance(MINUTE)
      const { signal } = new AbortController()
      const lies = await store.load(keyOf(cookie.slice(3)), { signal })
      expect(lies.outcome).toBe(trim === undefined ? 'moved' : 'absent')
      const alarms = await hear('holdfast:reuse', async () => {
        const session = await open(sessions, new Visit(cookie))
        expect([session.subject, session.endedBecause?.reason]).toEqual([undefined, 'unknown'])
      })
      expect(alarms).toEqual([])
      expect(await state(sessions, renewed)).toEqual(ANN)
    }
  })

  it('OA-2: raises the alarm over several renewals, which ends what lies at their end', async () => {
    const { sessions, clock, cookie } = await aged()
    const second = (await serve(sessions, cookie, read)).newCookie!
    clock.advance(15 * MINUTE)
    await serve(sessions, second, read)
    await settle()
    const third = (await serve(sessions, second, read)).newCookie ?? second
    await settle()
    clock.advance(9 * SECOND)
    expect(await state(sessions, cookie)).toEqual(ANN)
    clock.advance(SECOND)
    expect(await state(sessions, cookie)).toEqual(NOBODY)
    for (const one of [second, third]) expect(await state(sessions, one)).toEqual(NOBODY)
  })

  it('ASVS 7.2.4: is dead at once after a renewal of privilege, without an alarm', async () => {
    const changes: ((s: Session<Data>) => void)[] = [
      (s) => s.login('ann'),
      (s) => s.elevate({ level: 2, methods: ['otp'] }),
      (s) => s.reauthenticate(),
      (s) => s.renew(),
    ]
    for (const change of changes) {
      const { sessions, other, cookie } = await aged()
      const alarms = await hear('holdfast:reuse', async () => {
        const renewed = (await serve(sessions, cookie, change)).newCookie!
        for (const one of [sessions, other]) expect(await state(one, cookie)).toEqual(NOBODY)
        expect(await state(other, renewed)).toEqual(ANN)
      })
      expect(alarms).toEqual([])
    }
  })

  it('leads to nobody once its successor was renewed for another privilege', async () => {
    const { sessions, cookie } = await aged()
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    const elevated = (await serve(sessions, renewed, (s) => s.elevate({ level: 2, methods: ['otp'] }))).newCookie!
    expect(await state(sessions, cookie)).toEqual(NOBODY)
    expect(await codeOf(() => serve(sessions, cookie, (s) => s.set('n', 5)))).toBe('ERR_GONE')
    await serve(sessions, cookie, (s) => s.logout())
    expect(await state(sessions, elevated)).toEqual(NOBODY)
  })
})

describe('what the store holds after a renewal by age', () => {
  it('is of no use to who reads it: neither token occurs, and the sealed one opens for the old one only', async () => {
    const seen: unknown[] = []
    const { sessions, store, cookie } = await aged({}, (one) => ({
      ...one,
      renew: (renewal, call) => {
        seen.push(renewal)
        return one.renew(renewal, call)
      },
    }))
    const messages: unknown[] = []
    store.subscribe((change) => messages.push(change))
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    const text = JSON.stringify([seen, messages], (_, value: unknown) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString('latin1') + Buffer.from(value).toString('base64url')
        : value,
    )
    for (const token of [cookie.slice(3), renewed.slice(3)]) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(JSON.stringify(Buffer.from(token, 'base64url').toString('latin1')).slice(1, -1))
    }
    expect(JSON.stringify(messages)).not.toContain('sealedToken')
  })

  it('is confirmed by one write, however many requests present the new token at once', async () => {
    const { sessions, cookie } = await aged()
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    const calls = await hear('holdfast:store', async () => {
      await Promise.all(Array.from({ length: 100 }, () => serve(sessions, renewed, read)))
      await settle()
    })
    expect(calls.filter(({ verb }) => verb === 'update')).toHaveLength(1)
    expect(calls.filter(({ verb }) => verb === 'trim')).toHaveLength(1)
  })

  it('is confirmed by the next request if the write failed', async () => {
    let isBroken = true
    const { sessions, clock, cookie } = await aged({}, (store) =>
      interfered({ update: (run) => (isBroken ? Promise.reject(new Error('no')) : run()) }, store),
    )
    const renewed = (await serve(sessions, cookie, read)).newCookie!
    await serve(sessions, renewed, read)
    await new Promise((resolve) => setTimeout(resolve, 50)) // the retry of the write
    clock.advance(MINUTE)
    expect(await state(sessions, cookie)).toEqual(ANN)
    isBroken = false
    await serve(sessions, renewed, read)
    await settle()
    clock.advance(MINUTE)
    expect(await state(sessions, cookie)).toEqual(NOBODY)
  })
})
