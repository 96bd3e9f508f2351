import type { LimitPolicy, SessionList, Sessions } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Data, type Route, json } from '../frameworks/site.ts'
import { type Stage, type State, onStage, post } from './stage.ts'

const POLICIES: readonly LimitPolicy[] = ['oldest', 'newest', 'refuse']
const LOGINS = 100

describe.each(FRAMEWORKS)('the devices of a user, on $name', ({ serve }) => {
  /** The engine of the process that a request turns to. */
  let engine: Sessions<Data>

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/devices',
      handle: async ({ session }) => json(await engine.list(session.subject!, { current: session })),
    },
    { method: 'GET', path: '/why', handle: ({ session }) => json(session.endedBecause ?? {}) },
    post('/end', async ({ session, query }) => void (await engine.end(session.subject!, query['id']!))),
    post('/end-others', async ({ session }) => void (await engine.endOthers(session))),
    post('/end-all', async ({ session }) => void (await engine.endAll(session.subject!))),
    post('/end-everything', () => engine.endEverything()),
  ]

  const played = (options: object, play: (stage: Stage) => Promise<void>): Promise<void> =>
    onStage(serve, { routes, engine: { jitter: 0, ...options }, processes: 2 }, (stage) => {
      engine = stage.engines[0]!
      return play(stage)
    })

  const labels = { devices: { describeAgent: (header: string) => header.split('/')[0] } }

  it('ASVS 7.5.2: are listed without token or key, and one can end another, which is told why', async () => {
    await played(labels, async (stage) => {
      const [mine, lost] = [stage.browser(0), stage.browser(1)]
      for (const user of [mine, lost]) await user.post('/login?user=ann')
      const page = await mine.get('/devices')
      for (const { cookie } of [mine, lost]) expect(page.body).not.toContain(cookie!.split('=')[1])
      const { sessions } = page.json<SessionList>()
      expect(sessions.map(({ isCurrent }) => isCurrent)).toEqual(expect.arrayContaining([true, false]))
      for (const one of sessions) expect(one).toMatchObject({ address: '127.0.0.0/24' })
      const other = sessions.find(({ isCurrent }) => !isCurrent)!
      await mine.post(`/end?id=${other.id}`)
      expect((await lost.get('/why')).json()).toMatchObject({ reason: 'elsewhere' })
      expect((await lost.get('/state')).json<State>().subject).toBe(null)
      expect((await mine.get('/state')).json<State>().subject).toBe('ann')
    })
  })

  it('ASVS 7.5.2: cannot be ended by another user who knows their ids', async () => {
    await played({}, async (stage) => {
      const [ann, eve] = [stage.browser(0), stage.browser(1)]
      await ann.post('/login?user=ann')
      await eve.post('/login?user=eve')
      const id = (await ann.get('/devices')).json<SessionList>().sessions[0]!.id
      await eve.post(`/end?id=${id}`)
      expect((await ann.get('/state')).json<State>().subject).toBe('ann')
    })
  })

  it('ASVS 7.4.3: are all signed out but the one that asks, which goes on under a new token', async () => {
    await played({}, async (stage) => {
      const users = [0, 1, 2].map((turn) => stage.browser(turn))
      for (const user of users) await user.post('/login?user=ann')
      const [mine, ...others] = users
      const old = mine!.cookie
      await mine!.post('/end-others')
      expect(mine!.cookie).not.toBe(old)
      expect((await mine!.get('/state')).json<State>().subject).toBe('ann')
      for (const other of others) expect((await other.get('/why')).json()).toMatchObject({ reason: 'elsewhere' })
    })
  })

  it('ASVS 7.4.2: are all signed out at once, on every process', async () => {
    await played({}, async (stage) => {
      const users = [0, 1, 2, 3].map((turn) => stage.browser(turn))
      for (const user of users) await user.post('/login?user=ann')
      const bob = stage.browser(1)
      await bob.post('/login?user=bob')
      await users[0]!.post('/end-all')
      for (const user of users) expect((await user.get('/why')).json()).toMatchObject({ reason: 'elsewhere' })
      expect((await bob.get('/state')).json<State>().subject).toBe('bob')
    })
  })

  it('ASVS 7.4.5: are all signed out with those of everybody else, within two heartbeats', async () => {
    await played({}, async (stage) => {
      const users = [0, 1].map((turn) => stage.browser(turn))
      for (const [index, user] of users.entries()) await user.post(`/login?user=user-${index}`)
      await users[0]!.post('/end-everything')
      expect((await users[0]!.get('/why')).json()).toMatchObject({ reason: 'elsewhere' })
      await new Promise((resolve) => setTimeout(resolve, 2050))
      expect((await users[1]!.get('/why')).json()).toMatchObject({ reason: 'elsewhere' })
    })
  })

  it.each(POLICIES)(`CS-17: are exactly as many as the limit after ${LOGINS} logins at once (%s)`, async (policy) => {
    const patient = { storeDeadline: '60s', commitDeadline: '120s' }
    await played({ maxSessions: { limit: 3, policy }, ...patient }, async (stage) => {
      const users = Array.from({ length: LOGINS }, (_, turn) => stage.browser(turn))
      const pages = await Promise.all(users.map((user) => user.post('/login?user=ann')))
      expect(await stage.sessionsOf('ann')).toHaveLength(3)
      const isRefusing = policy === 'refuse'
      expect(pages.filter(({ status }) => status === 403)).toHaveLength(isRefusing ? LOGINS - 3 : 0)
      const signedIn = users.filter((_, index) => pages[index]!.status === 200)
      const reasons = await Promise.all(
        signedIn.map(async (user) => (await user.get('/why')).json<{ reason?: string }>()),
      )
      expect(reasons.filter((why) => why.reason === undefined)).toHaveLength(3)
      expect(reasons.filter((why) => why.reason === 'limit')).toHaveLength(isRefusing ? 0 : LOGINS - 3)
    })
  })
})
