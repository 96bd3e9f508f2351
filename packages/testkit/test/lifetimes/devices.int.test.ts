/** The sessions of a user, over HTTP: listed by one process and ended by another, each with a store of its own. */
import { setTimeout as delay } from 'node:timers/promises'
import { type SessionList, type Sessions, createSessions } from '@holdfast/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { Browser, connections, measureLoopDelay } from '../../src/index.ts'
import { type Data, type Route, type Site, json } from '../frameworks/site.ts'
import { post, type State, stateOf } from '../promises/stage.ts'
import { type Process, REAL_STORES } from './real-stores.ts'

/** How long a process may show a copy, in milliseconds: the age of its cache, and two heartbeats for everything. */
const BOUND = 5_000
/** How long a busy machine may keep a store call waiting is not what this is about. */
const PATIENT = { storeDeadline: '10s', commitDeadline: '20s' } as const

function routesOf(engine: Sessions<Data>): readonly Route[] {
  return [
    { method: 'GET', path: '/state', handle: ({ session }) => json(stateOf(session)) },
    { method: 'GET', path: '/id', handle: ({ session }) => json({ id: session.id }) },
    { method: 'GET', path: '/why', handle: ({ session }) => json(session.endedBecause ?? {}) },
    {
      method: 'GET',
      path: '/devices',
      handle: async ({ session, query }) => {
        const page = { current: session, limit: 2, ...(query['after'] === undefined ? {} : { after: query['after'] }) }
        return json(await engine.list(session.subject!, page))
      },
    },
    post('/login', ({ session, query }) => session.login(query['user']!)),
    post('/end', async ({ session, query }) => void (await engine.end(session.subject!, query['id']!))),
    post('/end-others', async ({ session }) => void (await engine.endOthers(session))),
    post('/end-all', async ({ session }) => void (await engine.endAll(session.subject!))),
    post('/end-everything', () => engine.endEverything()),
  ]
}

describe.each(REAL_STORES)('the devices of a user, on $name by $framework.name', (real) => {
  const shared = connections()
  const processes: Process[] = []
  const engines: Sessions<Data>[] = []
  const sites: Site[] = []
  let users: Browser[]
  let subject = ''

  beforeAll(async () => {
    const open = await real.place()
    for (let count = 0; count < 2; count++) {
      const opened = await open()
      processes.push(opened)
      const engine = createSessions<Data>({ ...PATIENT, jitter: 0, store: opened.store })
      engines.push(engine)
      sites.push(await real.framework.serve(routesOf(engine), engine))
    }
  })
  afterAll(async () => {
    shared.close()
    await Promise.all(sites.map((site) => site.close()))
    await Promise.all(engines.map((engine) => engine.close()))
    await Promise.all(processes.map((one) => one.close()))
  })

  let turn = 0
  beforeEach(async () => {
    subject = `user-${turn++}`
    users = [0, 1, 2].map((index) => new Browser(sites[index % 2]!.url, shared))
    await Promise.all(users.map((user) => user.post(`/login?user=${subject}`)))
  })

  const subjectOf = async (user: Browser): Promise<string | null> => (await user.get('/state')).json<State>().subject
  const listed = async (user: Browser, after?: string): Promise<SessionList> =>
    (await user.get(`/devices${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`)).json<SessionList>()

  /** Waits until a user is signed out, for no longer than a copy may be shown, and asks why. */
  async function expectEnded(user: Browser): Promise<void> {
    const loop = measureLoopDelay()
    const startedAt = performance.now()
    let reason: string | undefined
    while (reason === undefined && performance.now() - startedAt < 4 * BOUND) {
      reason = (await user.get('/why')).json<{ reason?: string }>().reason
      if (reason === undefined) await delay(10)
    }
    expect(reason).toBe('elsewhere')
    expect(performance.now() - startedAt).toBeLessThan(BOUND + 5 * loop.stop())
    expect(await subjectOf(user)).toBe(null)
  }

  it('ASVS 7.5.2: are listed page by page without token or key, and one ends another, which is told why', async () => {
    const [first, second, third] = users as [Browser, Browser, Browser]
    const page = await first.get('/devices')
    for (const { cookie } of users) expect(page.body).not.toContain(cookie!.split('=')[1])
    const { sessions, next } = page.json<SessionList>()
    expect(sessions).toHaveLength(2)
    const rest = await listed(first, next)
    expect(rest.sessions).toHaveLength(1)
    const all = [...sessions, ...rest.sessions]
    const ids = await Promise.all(users.map(async (user) => (await user.get('/id')).json<{ id: string }>().id))
    expect(all.map(({ id }) => id).sort()).toEqual([...ids].sort())
    for (const one of all) {
      expect(one).toMatchObject({ isCurrent: one.id === ids[0], address: '127.0.0.0/24', isRemembered: false })
    }

    await first.post(`/end?id=${ids[1]}`)
    await expectEnded(second)
    expect([await subjectOf(first), await subjectOf(third)]).toEqual([subject, subject])
    expect((await listed(third)).sessions).toHaveLength(2)
  })

  it('ASVS 7.5.2: cannot be ended by another user who knows their ids', async () => {
    const eve = new Browser(sites[1]!.url, shared)
    await eve.post(`/login?user=eve of ${subject}`)
    const { sessions, next } = await listed(users[0]!)
    for (const { id } of sessions) expect((await eve.post(`/end?id=${id}`)).status).toBe(200)
    expect(await listed(users[0]!)).toEqual({ sessions, next })
    for (const user of users) expect(await subjectOf(user)).toBe(subject)
  })

  it('ASVS 7.4.3: are all signed out but the one that asks, which goes on under a new token', async () => {
    const [mine, ...others] = users as [Browser, Browser, Browser]
    const old = mine.cookie
    await mine.post('/end-others')
    expect(mine.cookie).not.toBe(old)
    expect(await subjectOf(mine)).toBe(subject)
    for (const other of others) await expectEnded(other)
    expect((await listed(mine)).sessions).toMatchObject([{ isCurrent: true }])
  })

  it('ASVS 7.4.2: are all signed out, and nobody else is', async () => {
    const bob = new Browser(sites[1]!.url, shared)
    await bob.post(`/login?user=bob of ${subject}`)
    await users[0]!.post('/end-all')
    for (const user of users) await expectEnded(user)
    expect(await subjectOf(bob)).toBe(`bob of ${subject}`)
  })

  it('ASVS 7.4.5: are all signed out with those of everybody else', async () => {
    const bob = new Browser(sites[1]!.url, shared)
    await bob.post(`/login?user=bob of ${subject}`)
    await users[0]!.post('/end-everything')
    for (const user of [...users, bob]) await expectEnded(user)
  })
})
