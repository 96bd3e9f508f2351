import { describe, expect, it } from 'vitest'

import { type Browser, type Latch, type Page, Meetings, latch, manualClock, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, type Visit, json } from '../frameworks/site.ts'
import { type Stage, type State, keyOf, onStage, post, stateOf } from './stage.ts'

const ROUNDS = 200
const TOUCH_IS_DUE = 4 * 60_000

describe.each(FRAMEWORKS)('logout while a slow request is under way, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const entered = ({ query }: Visit): Promise<void> => meetings.at(`entered ${query['round']}`, 2)
  const released = ({ query }: Visit): Promise<void> => meetings.at(`released ${query['round']}`, 2)
  const routes: readonly Route[] = [
    post('/logout', ({ session }) => session.logout()),
    post('/destroy', ({ session }) => session.destroy()),
    post('/slow-write', async (visit) => {
      await entered(visit)
      await released(visit)
      visit.session.increment('n')
    }),
    {
      method: 'GET',
      path: '/slow-read',
      handle: async (visit) => {
        await entered(visit)
        await released(visit)
        return json(stateOf(visit.session))
      },
    },
  ]

  const signedIn = async (browser: () => Browser, round: number): Promise<{ user: Browser; old: string }> => {
    const user = browser()
    await user.post(`/login?user=${round}`)
    return { user, old: user.cookie! }
  }
  const leave = (user: Browser, round: number): Promise<Page> => user.post(round % 2 === 0 ? '/logout' : '/destroy')

  /** The session is over in the store, and for every process. */
  const assertOver = async (stage: Stage, user: Browser, old: string, round: number): Promise<void> => {
    expect(user.cookie).toBeUndefined()
    expect(await stage.sessionsOf(`${round}`)).toEqual([])
    for (const { url } of stage.sites) {
      const page = await user.send({ path: '/state', cookie: old, url })
      expect(page.json<State>()).toMatchObject({ isNew: true, subject: null, fields: {} })
      expect(page.setCookies).toEqual([])
    }
  }

  it('that writes afterwards: it is told, and revives nothing', async () => {
    await onStage(serve, { routes, processes: 2 }, async (stage) => {
      await rounds(ROUNDS, async (round) => {
        const { user, old } = await signedIn(stage.browser, round)
        const path = `/slow-write?round=${round}`
        const slow = user.send({ method: 'POST', path, url: stage.site(round >> 2).url })
        await meetings.at(`entered ${round}`, 2)
        expect(await leave(user, round)).toMatchObject({ status: 200 })
        await meetings.at(`released ${round}`, 2)
        expect(await slow).toMatchObject({ status: 401, setCookies: [] })
        expect(stage.errorAt(path)).toBe('ERR_GONE')
        await assertOver(stage, user, old, round)
      })
    })
  })

  it('whose write has been sent when the logout overtakes it: it is told, and revives nothing', async () => {
    await onStage(serve, { routes, processes: 2 }, async (stage) => {
      const held = new Map<string, Latch>()
      stage.faulty.plan = ({ verb, key }) => {
        if (verb !== 'update') return undefined
        const door = latch()
        held.set(key, door)
        void meetings.at(`sent ${key}`, 2)
        return { type: 'late', until: door.promise }
      }
      await rounds(ROUNDS, async (round) => {
        const { user, old } = await signedIn(stage.browser, round)
        const key = keyOf(old)
        const path = `/slow-write?round=${round}`
        const slow = user.send({ method: 'POST', path, url: stage.site(1).url })
        await Promise.all([
          meetings.at(`entered ${round}`, 2),
          meetings.at(`released ${round}`, 2),
          meetings.at(`sent ${key}`, 2),
        ])
        expect(await leave(user, round)).toMatchObject({ status: 200 })
        held.get(key)!.open()
        expect(await slow).toMatchObject({ status: 401, setCookies: [] })
        expect(stage.errorAt(path)).toBe('ERR_GONE')
        await assertOver(stage, user, old, round)
      })
    })
  })

  it('that writes at the same moment: saved before or told, never after', async () => {
    const both = routes.map((route) =>
      route.path === '/logout' || route.path === '/destroy'
        ? post(route.path, async (visit) => {
            await meetings.at(`together ${visit.query['round']}`, 2)
            await route.handle(visit)
          })
        : route,
    )
    const write = post('/write', async ({ session, query }) => {
      await meetings.at(`together ${query['round']}`, 2)
      session.increment('n')
    })
    await onStage(serve, { routes: [...both, write], processes: 2 }, async (stage) => {
      await rounds(ROUNDS, async (round) => {
        const { user, old } = await signedIn(stage.browser, round)
        const end = { method: 'POST', path: `/${round % 2 === 0 ? 'logout' : 'destroy'}?round=${round}` }
        const change = { method: 'POST', path: `/write?round=${round}`, url: stage.site(round >> 2).url }
        const sent = round % 4 < 2 ? [end, change] : [change, end]
        const pages = await Promise.all(sent.map((one) => user.send(one)))
        const [left, written] = round % 4 < 2 ? pages : pages.toReversed()
        expect(left).toMatchObject({ status: 200 })
        expect([200, 401]).toContain(written?.status)
        expect(written?.setCookies).toEqual([])
        expect(stage.errorAt(change.path)).toBe(written?.status === 401 ? 'ERR_GONE' : undefined)
        await assertOver(stage, user, old, round)
      })
    })
  })

  it('that only reads: it ends normally, without a cookie', async () => {
    await onStage(serve, { routes, processes: 2 }, async (stage) => {
      await rounds(ROUNDS, async (round) => {
        const { user, old } = await signedIn(stage.browser, round)
        const slow = user.send({ path: `/slow-read?round=${round}`, url: stage.site(round >> 2).url })
        await meetings.at(`entered ${round}`, 2)
        await leave(user, round)
        await meetings.at(`released ${round}`, 2)
        const page = await slow
        expect(page).toMatchObject({ status: 200, setCookies: [] })
        expect(page.json<State>()).toMatchObject({ subject: `${round}` })
        await assertOver(stage, user, old, round)
      })
    })
  })

  it('that owes a touch: it ends normally, without a cookie, and no touch revives anything', async () => {
    const clock = manualClock()
    const engine = { clock, storeDeadline: '60s' } as const
    await onStage(serve, { routes, processes: 2, engine }, async (stage) => {
      const door = latch()
      const touched: string[] = []
      stage.faulty.plan = ({ verb, keys }) => {
        if (verb !== 'touch') return undefined
        touched.push(...keys)
        return { type: 'late', until: door.promise }
      }
      // All sign in before the clock moves, so that it stands still within each round.
      const users = await Promise.all(Array.from({ length: ROUNDS }, (_, round) => signedIn(stage.browser, round)))
      clock.advance(TOUCH_IS_DUE)
      await rounds(ROUNDS, async (round) => {
        const { user, old } = users[round]!
        await user.send({ path: '/state', url: stage.site((round >> 2) + 1).url })
        const slow = user.send({ path: `/slow-read?round=${round}`, url: stage.site(round >> 2).url })
        await meetings.at(`entered ${round}`, 2)
        await leave(user, round)
        await meetings.at(`released ${round}`, 2)
        expect(await slow).toMatchObject({ status: 200, setCookies: [] })
        await assertOver(stage, user, old, round)
      })
      door.open()
      await Promise.all(stage.engines.map((sessions) => sessions.close()))
      // One was sent before the logout and one after it.
      expect(touched.toSorted()).toEqual(users.flatMap(({ old }) => [keyOf(old), keyOf(old)]).toSorted())
      for (let round = 0; round < ROUNDS; round++) expect(await stage.sessionsOf(`${round}`)).toEqual([])
    })
  })
})
