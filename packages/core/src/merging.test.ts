import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, open, serve } from '../test/visit.ts'
import {
  type ConflictPolicy,
  type Session,
  type SessionRecord,
  type Sessions,
  createSessions,
  memoryStore,
} from './index.ts'
import { readBody } from './mechanisms/body.ts'
import { keyOf } from './mechanisms/token.ts'

interface Data {
  a: unknown
  b: unknown
  n: number
  list: string[]
}

function engine(onConflict: ConflictPolicy = 'last'): Sessions<Data> {
  return createSessions<Data>({ store: memoryStore(), onConflict })
}

async function begin(sessions: Sessions<Data>, fill: (session: Session<Data>) => void): Promise<string> {
  const visit = await serve(sessions, undefined, fill)
  return visit.newCookie!
}

/** Two requests that have both loaded before either commits; the first commits first. */
async function overlap(
  sessions: Sessions<Data>,
  cookie: string,
  first: (session: Session<Data>) => unknown,
  second: (session: Session<Data>) => unknown,
): Promise<void> {
  const a = await open(sessions, new Visit(cookie))
  const b = await open(sessions, new Visit(cookie))
  await first(a)
  await second(b)
  await a.commit()
  await b.commit()
}

async function read(sessions: Sessions<Data>, cookie: string): Promise<Record<string, unknown>> {
  const session = await open(sessions, new Visit(cookie))
  return Object.fromEntries(session.keys().map((name) => [name, session.get(name)]))
}

describe('overlapping requests', () => {
  it('keep changes of different fields', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('n', 0))
    await overlap(
      sessions,
      cookie,
      (s) => s.set('a', 1),
      (s) => s.set('b', 2),
    )
    expect(await read(sessions, cookie)).toEqual({ n: 0, a: 1, b: 2 })
  })

  it('replay `update` and `increment` on the newer value', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('list', ['x']))
    await overlap(
      sessions,
      cookie,
      (s) => {
        s.update('list', (list = []) => [...list, 'first'])
        s.increment('n', 2)
      },
      (s) => {
        s.update('list', (list = []) => [...list, 'second'])
        s.increment('n', 3)
      },
    )
    expect(await read(sessions, cookie)).toEqual({ list: ['x', 'first', 'second'], n: 5 })
  })

  it.each<[ConflictPolicy, unknown, string]>([
    ['last', 2, 'last'],
    [(ours, theirs) => [ours, theirs], [2, 1], 'resolved'],
  ])('decide two values of one field by `onConflict` %#, and tell', async (policy, expected, resolution) => {
    const sessions = engine(policy)
    const cookie = await begin(sessions, (s) => s.set('a', 0))
    const events = await hear('holdfast:conflict', () =>
      overlap(
        sessions,
        cookie,
        (s) => s.set('a', 1),
        (s) => s.set('a', 2),
      ),
    )
    expect(await read(sessions, cookie)).toEqual({ a: expected })
    expect(events).toMatchObject([{ field: 'a', resolution }])
  })

  it("refuse the later value with `onConflict: 'throw'`, and save nothing of that request", async () => {
    const sessions = engine('throw')
    const cookie = await begin(sessions, (s) => s.set('a', 0))
    const code = await codeOf(() =>
      overlap(
        sessions,
        cookie,
        (s) => s.set('a', 1),
        (s) => {
          s.set('a', 2)
          s.set('b', 2)
        },
      ),
    )
    expect(code).toBe('ERR_CONFLICT')
    expect(await read(sessions, cookie)).toEqual({ a: 1 })
  })

  it('agree without a conflict on the same value', async () => {
    const sessions = engine('throw')
    const cookie = await begin(sessions, (s) => s.set('a', 0))
    await overlap(
      sessions,
      cookie,
      (s) => s.set('a', { same: true }),
      (s) => s.set('a', { same: true }),
    )
    expect(await read(sessions, cookie)).toEqual({ a: { same: true } })
  })

  it('do not take a change of their own for a conflict', async () => {
    const sessions = engine('throw')
    const cookie = await begin(sessions, (s) => s.set('a', 0))
    await overlap(
      sessions,
      cookie,
      (s) => s.set('b', 1),
      (s) => {
        s.set('a', 1)
        s.set('a', 2)
        s.delete('a')
        s.set('a', 3)
      },
    )
    expect(await read(sessions, cookie)).toEqual({ a: 3, b: 1 })
  })
})

describe('take', () => {
  it('removes what it returned and keeps what was appended meanwhile', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('list', ['one', 'two', 'one']))
    let taken: unknown
    await overlap(
      sessions,
      cookie,
      (s) => s.update('list', (list = []) => [...list, 'three', 'one']),
      (s) => {
        taken = s.take('list')
      },
    )
    expect(taken).toEqual(['one', 'two', 'one'])
    expect(await read(sessions, cookie)).toEqual({ list: ['three', 'one'] })
  })

  it('lets a value stay that replaced the one it returned, and tells', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('a', 'old'))
    const events = await hear('holdfast:conflict', async () => {
      const taker = new Visit(cookie)
      const a = await open(sessions, taker)
      a.take('a')
      await serve(sessions, cookie, (s) => s.set('a', 'new'))
      await sessions.finish(a, { status: 200 })
    })
    expect(await read(sessions, cookie)).toEqual({ a: 'new' })
    expect(events).toMatchObject([{ field: 'a', resolution: 'kept' }])
  })

  it('rejects `commit()` in the one that lost a one-time secret, and the end of its request is no error', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('a', 'nonce'))
    const winner = await open(sessions, new Visit(cookie))
    const loser = await open(sessions, new Visit(cookie))
    expect([winner.take('a'), loser.take('a')]).toEqual(['nonce', 'nonce'])
    await winner.commit()
    expect(await codeOf(() => loser.commit())).toBe('ERR_CONFLICT')
    await sessions.finish(loser, { status: 409 })
    expect(await read(sessions, cookie)).toEqual({})
  })

  it('returns and removes what the same request appended', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('list', ['one']))
    await serve(sessions, cookie, (s) => {
      s.update('list', (list = []) => [...list, 'two'])
      expect(s.take('list')).toEqual(['one', 'two'])
      expect(s.has('list')).toBe(false)
    })
    expect(await read(sessions, cookie)).toEqual({})
  })

  it('costs time in proportion to a long list', async () => {
    const sessions = engine()
    const many = Array.from({ length: 15_000 }, (_, index) => String(index % 100))
    const cookie = await begin(sessions, (s) => s.set('list', many))
    const startedAt = performance.now()
    await overlap(
      sessions,
      cookie,
      (s) => s.update('list', (list = []) => [...list, 'new']),
      (s) => s.take('list'),
    )
    expect(await read(sessions, cookie)).toEqual({ list: ['new'] })
    // By pairs it would be a hundred million comparisons.
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  it('of nothing changes nothing', async () => {
    const sessions = engine()
    const visit = await serve(sessions, undefined, (s) => expect(s.take('a')).toBeUndefined())
    expect(visit.setCookie).toBeUndefined()
  })
})

describe('what is no change costs no write', () => {
  it.each<[string, (session: Session<Data>) => unknown]>([
    ['setting an equal value', (s) => s.set('a', { x: [1] })],
    ['an update that answers the same', (s) => s.update('a', (a) => a)],
    ['deleting what is not there', (s) => s.delete('b')],
    ['setting and setting back', (s) => (s.set('n', 2), s.set('n', 1))],
    ['adding nothing', (s) => s.increment('n', 0)],
  ])('%s', async (_, change) => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => (s.set('a', { x: [1] }), s.set('n', 1)))
    const calls = await hear('holdfast:store', () => serve(sessions, cookie, change))
    expect(calls.map(({ verb }) => verb)).toEqual(['load'])
  })

  it('reading, nor a load where this process knows the record', async () => {
    const sessions = engine()
    const cookie = await begin(sessions, (s) => s.set('n', 1))
    const calls = await hear('holdfast:store', () => serve(sessions, cookie, (s) => s.get('n')))
    expect(calls).toEqual([])
  })
})

describe('fields that a request did not change', () => {
  it('keep their very bytes, and are never decoded', async () => {
    const store = memoryStore()
    const sessions = createSessions<Data>({ store })
    const cookie = await begin(sessions, (s) => (s.set('a', 'text'), s.set('n', 1)))
    const key = keyOf(cookie.split('=')[1]!)
    const load = async (): Promise<SessionRecord & { idleUntil: number }> => {
      const found = await store.load(key, { signal: AbortSignal.timeout(1000) })
      if (found.outcome !== 'found') throw new Error('no record')
      return { ...found.record, idleUntil: found.idleUntil }
    }
    // A value that no codec can read must travel on as it is.
    const unreadable = await load()
    unreadable.body[Buffer.from(unreadable.body).indexOf('text') - 1] = 0xc1
    const commitId = 'poisoned---'
    const poisoned = { ...unreadable, revision: 2, commits: [commitId, ...unreadable.commits] }
    await store.update(poisoned, 1, { signal: AbortSignal.timeout(1000), commitId })

    await serve(sessions, cookie, (s) => s.increment('n'))
    const { revision, body } = await load()
    expect(revision).toBe(3)
    expect(readBody(body).fields.get('a')).toEqual(readBody(unreadable.body).fields.get('a'))
    const events = await hear('holdfast:rejected', () =>
      serve(sessions, cookie, (s) => expect(s.get('a')).toBeUndefined()),
    )
    expect(events).toMatchObject([{ reason: 'unreadable', field: 'a' }])
  })
})

describe('any interleaving', () => {
  it('of counters, appends and fields of their own loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(2), { maxLength: 5 }), { minLength: 1, maxLength: 8 }),
        async (requests) => {
          const sessions = createSessions<Record<string, unknown>>({ store: memoryStore() })
          const cookie = (await serve(sessions, undefined, (s) => s.set('start', true))).newCookie!
          const handles = await Promise.all(requests.map(() => open(sessions, new Visit(cookie))))
          await Promise.all(
            requests.map(async (changes, index) => {
              const session = handles[index]!
              for (const [step, change] of changes.entries()) {
                if (change === 0) session.increment('count')
                if (change === 1)
                  session.update('log', (log) => [...((log as string[] | undefined) ?? []), `${index}.${step}`])
                if (change === 2) await session.commit()
                session.set(`own${index}`, step)
              }
              await sessions.finish(session, { status: 200 })
            }),
          )
          const end = await open(sessions, new Visit(cookie))
          const all = requests.flatMap((changes, index) =>
            changes.map((change, step) => ({ change, name: `${index}.${step}` })),
          )
          expect(end.get('count') ?? 0).toBe(all.filter(({ change }) => change === 0).length)
          const appended = all.filter(({ change }) => change === 1).map(({ name }) => name)
          expect([...((end.get('log') as string[] | undefined) ?? [])].sort()).toEqual(appended.sort())
          for (const [index, changes] of requests.entries()) {
            if (changes.length > 0) expect(end.get(`own${index}`)).toBe(changes.length - 1)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
