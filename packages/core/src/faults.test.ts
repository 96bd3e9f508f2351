import { describe, expect, it, vi } from 'vitest'

import { type Interference, type Verb, hang, interfered, loseAnswer, swallowAnswer } from '../test/stores.ts'
import { Visit, codeOf, hear, open, serve } from '../test/visit.ts'
import { type AnyStore, type Session, type Sessions, createSessions, isHoldfastError, memoryStore } from './index.ts'

interface Data {
  n: number
  a: string
}

const engine = (store: AnyStore, storeDeadline = 40): Sessions<Data> => createSessions<Data>({ store, storeDeadline })

const first = (count: number): boolean => count === 1

/** A session in a sound store, and an engine over the same store that is interfered with. */
async function troubled(
  plan: Partial<Record<Verb, Interference>>,
): Promise<{ sound: Sessions<Data>; sick: Sessions<Data>; cookie: string }> {
  const store = memoryStore()
  const sound = engine(store)
  const cookie = (await serve(sound, undefined, (s) => s.set('n', 1))).newCookie!
  return { sound, sick: engine(interfered(plan, store)), cookie }
}

const value = async (sessions: Sessions<Data>, cookie: string): Promise<number | undefined> =>
  (await open(sessions, new Visit(cookie))).get('n')

describe('a store that cannot be asked', () => {
  it.each<[string, Interference, string]>([
    ['hangs', hang, 'ERR_STORE_TIMEOUT'],
    ['throws', () => Promise.reject(new Error('down')), 'ERR_STORE_FAILED'],
    ['throws what is no Error', () => Promise.reject('down'), 'ERR_STORE_FAILED'],
    ['answers nothing', () => Promise.resolve(undefined), 'ERR_STORE_ANSWER'],
    ['answers an unknown outcome', () => Promise.resolve({ outcome: 'maybe' }), 'ERR_STORE_ANSWER'],
    [
      'answers half a record',
      async (run) => ({ ...((await run()) as object), record: { key: 'x' } }),
      'ERR_STORE_MISMATCH',
    ],
    [
      'answers for another key',
      async (run) => ({ ...((await run()) as object), key: 'another' }),
      'ERR_STORE_MISMATCH',
    ],
    [
      "answers another user's record",
      async (run) => {
        const found = (await run()) as { record: object }
        return { ...found, record: { ...found.record, key: 'another' } }
      },
      'ERR_STORE_MISMATCH',
    ],
    [
      'answers a record without its dates',
      async (run) => {
        const found = (await run()) as { record: object }
        return { ...found, record: { ...found.record, absoluteAt: undefined } }
      },
      'ERR_STORE_ANSWER',
    ],
  ])('and %s: the handler is told at first use, with 503', async (_, load, code) => {
    const { sick, cookie } = await troubled({ load })
    const session = await open(sick, new Visit(cookie))
    for (const use of [
      () => session.get('n'),
      () => session.set('n', 2),
      () => session.subject,
      () => session.load(),
    ]) {
      const error: unknown = await Promise.resolve()
        .then(use)
        .catch((reason: unknown) => reason)
      expect(isHoldfastError(error) && [error.code, error.status, error.statusCode]).toEqual([code, 503, 503])
    }
  })

  it('does not matter to a handler that never looks', async () => {
    const { sick, cookie } = await troubled({ load: hang })
    const visit = await serve(sick, cookie, () => {})
    expect(visit.headers).toEqual([])
  })

  it('is asked again by `load()`', async () => {
    const { sick, cookie } = await troubled({
      load: (run, count) => (count <= 2 ? Promise.reject(new Error('x')) : run()),
    })
    const session = await open(sick, new Visit(cookie))
    expect(await codeOf(() => session.get('n'))).toBe('ERR_STORE_FAILED')
    expect((await session.load()).get('n')).toBe(1)
  })

  it('is asked once more after an error, within the deadline, and never after a timeout', async () => {
    const calls = { thrown: 0, hung: 0 }
    const thrown = await troubled({ load: (run) => (++calls.thrown === 1 ? Promise.reject(new Error('x')) : run()) })
    expect(await value(thrown.sick, thrown.cookie)).toBe(1)
    const hung = await troubled({ load: () => (calls.hung++, hang()) })
    await codeOf(() => value(hung.sick, hung.cookie))
    expect(calls).toEqual({ thrown: 2, hung: 1 })
  })

  it('has its signal fired at the deadline', async () => {
    let signal: AbortSignal | undefined
    const store = memoryStore()
    const sessions = engine({ ...store, name: 'slow', load: (_, call) => ((signal = call.signal), hang()) })
    await open(sessions, new Visit(`id=${'A'.repeat(32)}`))
    expect(signal?.aborted).toBe(true)
  })

  it('is left alone after many failures in a row, and found again when it is back', async () => {
    let isDown = true
    let calls = 0
    const { sick, cookie } = await troubled({
      load: (run) => {
        calls++
        return isDown ? Promise.reject(new Error('down')) : run()
      },
    })
    const codes = new Set<string>()
    for (let request = 0; request < 40; request++) codes.add(await codeOf(() => value(sick, cookie)))
    expect([...codes]).toEqual(['ERR_STORE_FAILED', 'ERR_STORE_DOWN'])
    expect(calls).toBeLessThanOrEqual(40)
    isDown = false
    await vi.waitFor(async () => expect(await value(sick, cookie)).toBe(1), { timeout: 2000, interval: 20 })
  })

  it('fails `ready()`, with `ping` and without', async () => {
    for (const [plan, without] of [
      [{ load: hang }, { ping: undefined }],
      [{}, { ping: () => Promise.reject(new Error('down')) }],
    ] as const) {
      expect(await codeOf(() => engine(Object.assign(interfered(plan), without) as AnyStore).ready())).toMatch(
        /^ERR_STORE_(TIMEOUT|FAILED)$/,
      )
    }
    await engine(memoryStore()).ready()
  })

  it('is not asked twice because the binding is mounted twice', async () => {
    const { sick, cookie } = await troubled({ load: hang })
    const visit = new Visit(cookie)
    await open(sick, visit)
    expect(sick.open(visit)).not.toBeInstanceOf(Promise)
  })

  it('has its connections reset when it answers for another key', async () => {
    const reset = vi.fn<(reason: Error) => void>()
    const store = interfered({ load: async (run) => ({ ...((await run()) as object), key: 'another' }) })
    const sessions = engine(Object.assign(store, { reset }))
    await open(sessions, new Visit(`id=${'A'.repeat(32)}`))
    expect(reset).toHaveBeenCalledOnce()
  })
})

describe('a write whose answer is lost', () => {
  const verbs: [Verb, (s: Session<Data>) => void][] = [
    ['update', (s) => s.increment('n')],
    ['renew', (s) => (s.increment('n'), s.login('ann'))],
    ['end', (s) => s.logout()],
  ]

  it.each(verbs)('%s, by an error: is sent again and applied once', async (verb, change) => {
    const { sound, sick, cookie } = await troubled({ [verb]: loseAnswer(first) })
    const visit = await serve(sick, cookie, change)
    const session = await open(sound, new Visit(visit.newCookie ?? cookie))
    expect(session.get('n')).toBe(verb === 'end' ? undefined : 2)
  })

  it.each(verbs.slice(0, 2))(
    '%s, by silence: is told as unknown, and settled by the next commit',
    async (verb, change) => {
      const { sound, sick, cookie } = await troubled({ [verb]: swallowAnswer(first) })
      const visit = new Visit(cookie)
      const session = await open(sick, visit)
      change(session)
      const error: unknown = await session.commit().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'ERR_STORE_TIMEOUT', isOutcomeUnknown: true })
      expect(visit.setCookie).toBeUndefined()
      session.increment('n', 10)
      await session.commit()
      expect(await value(sound, visit.newCookie ?? cookie)).toBe(12)
      expect(visit.newCookie !== undefined).toBe(verb === 'renew')
    },
  )

  it('create, both ways: one session begins', async () => {
    for (const [lose, code] of [
      [loseAnswer, 'none'],
      [swallowAnswer, 'ERR_STORE_TIMEOUT'],
    ] as const) {
      const store = memoryStore()
      const sessions = engine(interfered({ create: lose(first) }, store))
      const visit = new Visit()
      const session = await open(sessions, visit)
      session.login('ann')
      expect(await codeOf(() => session.commit())).toBe(code)
      if (code !== 'none') await session.commit()
      expect(visit.sent('set-cookie')).toHaveLength(1)
      const { sessions: listed } = await store.listSubject('ann', { limit: 9 }, { signal: AbortSignal.timeout(1000) })
      expect(listed).toHaveLength(1)
    }
  })

  it('and whose session has moved on by more than its record tells: is told as unknown, never repeated', async () => {
    const { sound, sick, cookie } = await troubled({ update: swallowAnswer(first) })
    const session = await open(sick, new Visit(cookie))
    session.increment('n')
    await codeOf(() => session.commit())
    for (let other = 0; other < 4; other++) await serve(sound, cookie, (s) => s.increment('n', 100))
    expect(await codeOf(() => session.commit())).toBe('ERR_OUTCOME_UNKNOWN')
    expect(await value(sound, cookie)).toBe(402)
  })

  it('and held a login, is not signed in anew when the session ended before the rest was saved', async () => {
    const { sound, sick, cookie } = await troubled({
      renew: swallowAnswer(first),
      update: async (run) => (await endAll(), run()),
    })
    const visit = new Visit(cookie)
    const session = await open(sick, visit)
    session.login('ann')
    expect(await codeOf(() => session.commit())).toBe('ERR_STORE_TIMEOUT')
    session.increment('n')
    // The login turns out to be applied; then the session ends elsewhere, before the increment is saved.
    const endAll = (): Promise<Visit> => serve(sound, cookie, (s) => s.logout())
    expect(await codeOf(() => session.commit())).toBe('ERR_GONE')
    expect(visit.setCookie).toBeUndefined()
  })

  it('and was not applied: is merged with what came meanwhile', async () => {
    const { sound, sick, cookie } = await troubled({ update: (run, count) => (count === 1 ? hang() : run()) })
    const session = await open(sick, new Visit(cookie))
    session.increment('n')
    await codeOf(() => session.commit())
    for (let other = 0; other < 3; other++) await serve(sound, cookie, (s) => s.increment('n', 100))
    await session.commit()
    expect(await value(sound, cookie)).toBe(302)
  })

  it('stays dropped when the handler answers 5xx', async () => {
    const { sound, sick, cookie } = await troubled({ update: (run, count) => (count === 1 ? hang() : run()) })
    const session = await open(sick, new Visit(cookie))
    session.increment('n')
    await codeOf(() => session.commit())
    expect(sick.finish(session, { status: 503 })).toBeUndefined()
    expect(await value(sound, cookie)).toBe(1)
  })
})

describe('ending a session', () => {
  const isSignedIn = async (sessions: Sessions<Data>, cookie: string): Promise<boolean> =>
    (await open(sessions, new Visit(cookie))).subject !== undefined

  async function signedIn(
    plan: Partial<Record<Verb, Interference>>,
  ): Promise<{ sound: Sessions<Data>; sick: Sessions<Data>; cookie: string }> {
    const store = memoryStore()
    const sound = engine(store)
    const cookie = (await serve(sound, undefined, (s) => (s.set('n', 1), s.login('ann')))).newCookie!
    return { sound, sick: engine(interfered(plan, store)), cookie }
  }

  it('while a commit is under way and the handler ends in 5xx is carried out', async () => {
    const { promise: held, resolve: release } = withResolvers()
    const { sound, sick, cookie } = await signedIn({ update: (run) => held.then(run) })
    const visit = new Visit(cookie)
    const session = await open(sick, visit)
    session.increment('n')
    const committing = session.commit()
    await new Promise((resolve) => setImmediate(resolve))
    session.set('a', 'dropped')
    session.logout()
    const finishing = sick.finish(session, { status: 500 })
    release()
    await Promise.all([committing, finishing])
    expect(await isSignedIn(sound, cookie)).toBe(false)
    expect(visit.setCookie).toMatch(/^id=;/)
  })

  it.each(['logout', 'destroy'] as const)(
    '%s wins over a write of unknown outcome, however far the session has moved on',
    async (verb) => {
      const { sound, sick, cookie } = await signedIn({ update: swallowAnswer(first) })
      const visit = new Visit(cookie)
      const session = await open(sick, visit)
      session.increment('n')
      expect(await codeOf(() => session.commit())).toBe('ERR_STORE_TIMEOUT')
      for (let other = 0; other < 6; other++) await serve(sound, cookie, (s) => s.increment('n'))
      session[verb]()
      await sick.finish(session, { status: 200 })
      expect(await isSignedIn(sound, cookie)).toBe(false)
      expect(visit.setCookie).toMatch(/^id=;/)
    },
  )

  it('ends a session that may have begun by a write of unknown outcome', async () => {
    const store = memoryStore()
    const sick = engine(interfered({ create: swallowAnswer(first) }, store))
    const session = await open(sick, new Visit())
    session.login('ann')
    expect(await codeOf(() => session.commit())).toBe('ERR_STORE_TIMEOUT')
    session.logout()
    await sick.finish(session, { status: 200 })
    const { sessions } = await store.listSubject('ann', { limit: 9 }, { signal: AbortSignal.timeout(1000) })
    expect(sessions).toEqual([])
  })

  it('is not kept from happening by what was recorded before', async () => {
    const sessions = engine(memoryStore())
    const cookie = (await serve(sessions, undefined, (s) => (s.set('a', 'text'), s.login('ann')))).newCookie!
    const session = await open(sessions, new Visit(cookie), { load: 'lazy' })
    session.increment('a' as 'n')
    session.destroy()
    await sessions.finish(session, { status: 200 })
    expect(await isSignedIn(sessions, cookie)).toBe(false)
  })
})

describe('commits', () => {
  it('of one session in one process wait for each other, field changes together', async () => {
    const store = memoryStore()
    const sound = engine(store)
    const cookie = (await serve(sound, undefined, (s) => s.set('n', 0))).newCookie!
    const { promise: held, resolve: release } = withResolvers()
    const sessions = engine(interfered({ update: (run, count) => (count === 1 ? held.then(run) : run()) }, store), 2000)
    const handles = await Promise.all(Array.from({ length: 20 }, () => open(sessions, new Visit(cookie))))
    const calls = await hear('holdfast:store', async () => {
      const commits = handles.map((session) => (session.increment('n'), session.commit()))
      release()
      await Promise.all(commits)
    })
    expect(calls.map(({ verb, outcome }) => `${verb} ${outcome}`)).toEqual(['update updated', 'update updated'])
    expect(await value(sound, cookie)).toBe(20)
  })

  it('that wait behind a login with the old token are refused, and those before it are carried over', async () => {
    const store = memoryStore()
    const sound = engine(store)
    const cookie = (await serve(sound, undefined, (s) => s.set('n', 0))).newCookie!
    const { promise: held, resolve: release } = withResolvers()
    const sessions = engine(interfered({ update: (run, count) => (count === 1 ? held.then(run) : run()) }, store), 2000)
    const visits = [new Visit(cookie), new Visit(cookie), new Visit(cookie)] as const
    const [early, login, late] = await Promise.all(visits.map((visit) => open(sessions, visit)))
    early!.increment('n')
    login!.login('ann')
    late!.increment('n')
    const commits = [early!, login!, late!].map((session) => codeOf(() => session.commit()))
    release()
    expect(await Promise.all(commits)).toEqual(['none', 'none', 'ERR_GONE'])
    expect(visits.map(({ setCookie }) => setCookie !== undefined)).toEqual([false, true, false])
    const after = await open(sound, new Visit(visits[1].newCookie))
    expect([after.subject, after.get('n')]).toEqual(['ann', 1])
  })

  it('give up when others keep overtaking them, within the commit deadline', async () => {
    const store = memoryStore()
    const sound = engine(store)
    const cookie = (await serve(sound, undefined, (s) => s.set('n', 0))).newCookie!
    const overtaken = interfered(
      { update: async (run) => (await serve(sound, cookie, (s) => s.increment('n')), run()) },
      store,
    )
    const session = await open(engine(overtaken), new Visit(cookie))
    session.set('a', 'x')
    expect(await codeOf(() => session.commit())).toBe('ERR_CONFLICT')
    const slow = interfered(
      {
        update: async (run) => (
          await serve(sound, cookie, (s) => s.increment('n')),
          await new Promise((r) => setTimeout(r, 30)),
          run()
        ),
      },
      store,
    )
    const late = await open(
      createSessions<Data>({ store: slow, storeDeadline: 50, commitDeadline: 100 }),
      new Visit(cookie),
    )
    late.set('a', 'x')
    expect(await codeOf(() => late.commit())).toBe('ERR_COMMIT_TIMEOUT')
  })

  it('that were lost to an end are told once, and not tried again at the end of the request', async () => {
    const sessions = engine(memoryStore())
    const cookie = (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!
    const session = await open(sessions, new Visit(cookie))
    session.increment('n')
    await serve(sessions, cookie, (s) => s.logout())
    expect(await codeOf(() => session.commit())).toBe('ERR_GONE')
    expect(session.get('n')).toBeUndefined()
    expect(sessions.finish(session, { status: 200 })).toBeUndefined()
  })

  it('tell the client its token although what was recorded meanwhile no longer fits', async () => {
    const store = memoryStore()
    const sound = engine(store)
    const cookie = (await serve(sound, undefined, (s) => s.set('a', 'old'))).newCookie!
    const { promise: held, resolve: release } = withResolvers()
    const slow = interfered({ renew: (run, count) => (count === 1 ? held.then(run) : run()) }, store)
    const sessions = createSessions<Data>({ store: slow, onConflict: 'throw' })
    const visit = new Visit(cookie)
    const session = await open(sessions, visit)
    session.login('ann')
    const committing = session.commit()
    await new Promise((resolve) => setImmediate(resolve))
    session.set('a', 'mine')
    await serve(sound, cookie, (s) => s.set('a', 'theirs'))
    release()
    await committing
    expect((await open(sound, new Visit(visit.newCookie))).subject).toBe('ann')
    expect(await codeOf(() => session.commit())).toBe('ERR_CONFLICT')
  })

  it('give up at the commit deadline also behind writes of unknown outcome', async () => {
    const store = memoryStore()
    const cookie = (await serve(engine(store), undefined, (s) => s.set('n', 1))).newCookie!
    const sick = createSessions<Data>({
      store: interfered({ update: hang }, store),
      storeDeadline: 40,
      commitDeadline: 100,
    })
    const handles = await Promise.all(Array.from({ length: 8 }, () => open(sick, new Visit(cookie))))
    for (const session of handles) session.increment('n')
    await Promise.all(handles.map((session) => codeOf(() => session.commit())))
    const codes = await Promise.all(handles.map((session) => codeOf(() => sick.finish(session, { status: 200 }))))
    // One after another they would take eight times 40 ms.
    expect(codes.filter((code) => code === 'ERR_COMMIT_TIMEOUT').length).toBeGreaterThanOrEqual(5)
    expect(new Set(codes)).toEqual(new Set(['ERR_STORE_TIMEOUT', 'ERR_COMMIT_TIMEOUT']))
  })

  it('that fail leave the handle dirty', async () => {
    const { sound, sick, cookie } = await troubled({
      update: (run, count) => (count <= 2 ? Promise.reject(new Error('x')) : run()),
    })
    const session = await open(sick, new Visit(cookie))
    session.increment('n')
    expect(await codeOf(() => session.commit())).toBe('ERR_STORE_FAILED')
    await session.commit()
    expect(await value(sound, cookie)).toBe(2)
  })

  it('one whose `update` function throws on the newer value fails alone', async () => {
    const sessions = engine(memoryStore())
    const cookie = (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!
    const picky = await open(sessions, new Visit(cookie))
    picky.update('n', (n) => {
      if (n !== 1) throw new RangeError('too late')
      return 2
    })
    const other = await open(sessions, new Visit(cookie))
    other.increment('n', 5)
    await other.commit()
    await expect(picky.commit()).rejects.toThrow('too late')
    expect(await value(sessions, cookie)).toBe(6)
  })

  it('are drained by `close()`', async () => {
    const store = memoryStore()
    const sessions = engine(
      interfered({ create: async (run) => (await new Promise((r) => setTimeout(r, 20)), run()) }, store),
    )
    const visit = new Visit()
    const session = await open(sessions, visit)
    session.set('n', 1)
    const committing = session.commit()
    await sessions.close()
    expect(visit.newCookie).toBeDefined()
    await committing
    expect(await codeOf(() => sessions.open(new Visit()))).toBe('ERR_CLOSED')
  })

  it('draw another token when a key is in use (F04)', async () => {
    const store = memoryStore()
    const taken = interfered(
      { create: async (run, count) => (count === 1 ? { outcome: 'exists', key: await keyOfCall(run) } : run()) },
      store,
    )
    const visit = await serve(engine(taken), undefined, (s) => s.set('n', 1))
    expect(await value(engine(store), visit.newCookie!)).toBe(1)
  })
})

/** `Promise.withResolvers` of newer platforms. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** The key that a call is about, taken from its real answer's echo, with the record removed again by nobody: it is an orphan. */
async function keyOfCall(run: () => Promise<unknown>): Promise<string> {
  return ((await run()) as { key: string }).key
}

describe('records of other versions', () => {
  const withRecord =
    (change: (record: { format: number; body: Uint8Array }) => object): Interference =>
    async (run) => {
      const found = (await run()) as { record: { format: number; body: Uint8Array } }
      return { ...found, record: { ...found.record, ...change(found.record) } }
    }

  it.each([
    ['a newer header', () => ({ format: 3 })],
    ['a newer body', ({ body }: { body: Uint8Array }) => ({ body: Uint8Array.of(0x30, ...body.slice(1)) })],
    [
      'a body with an unknown mark',
      ({ body }: { body: Uint8Array }) => ({ body: Uint8Array.of(0x21, ...body.slice(1)) }),
    ],
  ])('%s is kept and told, so that a rolling deploy logs nobody out', async (_, change) => {
    const { sick, cookie } = await troubled({ load: withRecord(change) })
    expect(await codeOf(() => value(sick, cookie))).toBe('ERR_RECORD_NEWER')
  })

  it.each([
    ['no layout', () => ({ body: Uint8Array.of(0, 1, 2) })],
    ['an empty body', () => ({ body: new Uint8Array() })],
    ['a cut body', ({ body }: { body: Uint8Array }) => ({ body: body.slice(0, -1) })],
    ['a name that is no text', () => ({ body: Uint8Array.of(0x20, 0, 1, 0xff, 1, 1) })],
    ['a head that is no JSON', () => ({ body: Uint8Array.of(0x20, 1, 0x7b) })],
    ['a head of another form', () => ({ body: Uint8Array.of(0x20, 12, ...Buffer.from('{"level":[]}')) })],
    ['a length without end', () => ({ body: new Uint8Array(20).fill(0xff).with(0, 0x20) })],
  ])('%s is unreadable: a fresh session and an event', async (_, change) => {
    const { sick, cookie } = await troubled({ load: withRecord(change) })
    const events = await hear('holdfast:rejected', async () => expect(await value(sick, cookie)).toBeUndefined())
    expect(events).toMatchObject([{ reason: 'unreadable' }])
  })
})
