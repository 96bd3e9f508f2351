import { describe, expect, it } from 'vitest'

import { Meetings, type Page, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, type Visit, json } from '../frameworks/site.ts'
import { type State, onStage, post, stateOf } from './stage.ts'

/** For each of three overlaps, so that every slow request plays more than 200. */
const ROUNDS = 70

/** What a round is played with. */
interface Scene {
  readonly round: number
  /** The request that signs in. */
  readonly login: () => Promise<Page>
  /** The request that carries the old cookie. */
  readonly slow: () => Promise<Page>
  readonly meet: (place: string) => Promise<void>
}

/** How both requests lie in time, and where their handlers wait for each other or for the round. */
interface Overlap {
  readonly overlap: string
  readonly loginWaitsAt: readonly string[]
  readonly slowWaitsAt: readonly string[]
  readonly play: (scene: Scene) => Promise<{ readonly login: Page; readonly slow: Page }>
  /** The statuses that a slow write may end with. */
  readonly written: readonly number[]
}

const OVERLAPS: readonly Overlap[] = [
  {
    overlap: 'it goes on after the login',
    loginWaitsAt: [],
    slowWaitsAt: ['in', 'on'],
    written: [401],
    play: async ({ login, slow, meet }) => {
      const waiting = slow()
      await meet('in')
      const page = await login()
      await meet('on')
      return { login: page, slow: await waiting }
    },
  },
  {
    overlap: 'both commit at once',
    loginWaitsAt: ['commit'],
    slowWaitsAt: ['commit'],
    written: [200, 401],
    play: async ({ login, slow, round }) => {
      const early = round % 4 < 2 ? login() : slow()
      const late = round % 4 < 2 ? slow() : login()
      const [first, second] = await Promise.all([early, late])
      return round % 4 < 2 ? { login: first, slow: second } : { login: second, slow: first }
    },
  },
  {
    overlap: 'it is sent after the login',
    loginWaitsAt: [],
    slowWaitsAt: [],
    written: [401],
    play: async ({ login, slow }) => ({ login: await login(), slow: await slow() }),
  },
]

const SLOW_REQUESTS = [
  { name: 'reads', method: 'GET', path: '/read' },
  { name: 'writes a flash', method: 'POST', path: '/flash' },
  { name: 'logs in too', method: 'POST', path: '/sign-in' },
] as const

const CASES = SLOW_REQUESTS.flatMap((slow) => OVERLAPS.map((overlap) => ({ ...slow, ...overlap })))

describe.each(FRAMEWORKS)('login while a request with the old cookie is under way, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const held = async ({ query }: Visit): Promise<void> => {
    for (const place of query['wait']!.split(',').filter((one) => one !== '')) {
      await meetings.at(`${place} ${query['round']}`, 2)
    }
  }
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/read',
      handle: async (visit) => {
        await held(visit)
        return json(stateOf(visit.session))
      },
    },
    post('/flash', async (visit) => {
      await held(visit)
      visit.session.update('messages', (messages = []) => [...messages, 'saved'])
    }),
    post('/sign-in', async (visit) => {
      await held(visit)
      visit.session.login(visit.query['user']!)
    }),
  ]

  it.each(CASES)('$name; $overlap', async ({ method, path, loginWaitsAt, slowWaitsAt, play, written }) => {
    await onStage(serve, { routes, processes: 2 }, async ({ browser, site, errorAt, sessionsOf }) => {
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/begin')
        const old = user.cookie!
        const query = `round=${round}&user=user-${round}`
        const slowPath = `${path}?${query}&wait=${slowWaitsAt.join(',')}&slow=yes`
        const pages = await play({
          round,
          login: () => user.post(`/sign-in?${query}&wait=${loginWaitsAt.join(',')}`),
          slow: () => user.send({ method, path: slowPath, cookie: old, url: site(round).url }),
          meet: (place) => meetings.at(`${place} ${round}`, 2),
        })

        const { login, slow } = pages
        expect(login).toMatchObject({ status: 200, setCookies: [expect.any(String)] })
        expect(path === '/flash' ? written : [200]).toContain(slow.status)
        expect(errorAt(slowPath)).toBe(slow.status === 401 ? 'ERR_GONE' : undefined)
        expect(slow.setCookies).toHaveLength(path === '/sign-in' ? 1 : 0)
        expect(user.setCookies.filter((setCookie) => /max-age|expires|=;/i.test(setCookie))).toEqual([])

        const messages = path === '/flash' && slow.status === 200 ? { messages: ['saved'] } : {}
        const state = (await user.get('/state')).json<State>()
        expect(state).toMatchObject({ subject: `user-${round}`, isNew: false })
        expect(state.fields).toEqual(path === '/sign-in' ? expect.any(Object) : { n: 0, ...messages })
        const before = (await user.send({ path: '/state', cookie: old })).json<State>()
        expect(before).toMatchObject({ subject: null, isNew: true })
        expect(await sessionsOf(`user-${round}`)).toHaveLength(path === '/sign-in' ? 2 : 1)
      })
    })
  })
})
