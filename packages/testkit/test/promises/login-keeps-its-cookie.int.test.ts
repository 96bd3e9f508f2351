import { describe, expect, it } from 'vitest'

import { Meetings, type Page, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, type Visit, json } from '../frameworks/site.ts'
import { type State, onStage, post, stateOf } from './stage.ts'

/** For each of three overlaps, so that every slow request plays more than 200. */
const ROUNDS = 70

interface SlowRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  /** The statuses it may end with, by how it overlaps. */
  readonly statuses: Readonly<Record<Overlap, readonly number[]>>
  readonly isLogin?: boolean
}

type Overlap = (typeof OVERLAPS)[number]

/** How the slow request, which carries the old cookie, and the login lie in time. */
const OVERLAPS = ['it goes on after the login', 'both commit at once', 'it is sent after the login'] as const

const SERVED = [200]
const TOLD = [401]

const SLOW_REQUESTS: readonly SlowRequest[] = [
  {
    name: 'reads',
    method: 'GET',
    path: '/read',
    statuses: {
      'it goes on after the login': SERVED,
      'both commit at once': SERVED,
      'it is sent after the login': SERVED,
    },
  },
  {
    name: 'writes a flash',
    method: 'POST',
    path: '/flash',
    statuses: {
      'it goes on after the login': TOLD,
      'both commit at once': [200, 401],
      'it is sent after the login': TOLD,
    },
  },
  {
    name: 'logs in too',
    method: 'POST',
    path: '/sign-in',
    statuses: {
      'it goes on after the login': SERVED,
      'both commit at once': SERVED,
      'it is sent after the login': SERVED,
    },
    isLogin: true,
  },
]

const CASES = SLOW_REQUESTS.flatMap((slow) => OVERLAPS.map((overlap) => ({ ...slow, overlap })))

describe.each(FRAMEWORKS)('login while a request with the old cookie is under way, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const held = async ({ query }: Visit): Promise<void> => {
    for (const place of query['wait']?.split(',') ?? []) await meetings.at(`${place} ${query['round']}`, 2)
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

  it.each(CASES)('$name; $overlap', async ({ method, path, statuses, overlap, isLogin }) => {
    await onStage(serve, { routes, processes: 2 }, async ({ browser, site, errorAt, sessionsOf }) => {
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/begin')
        const old = user.cookie!
        const name = `user-${round}`
        const query = `round=${round}&user=${name}`
        const sendSlow = (wait: string): Promise<Page> =>
          user.send({ method, path: `${path}?${query}${wait}&slow=1`, cookie: old, url: site(round).url })
        const login = (wait: string): Promise<Page> => user.send({ method: 'POST', path: `/sign-in?${query}${wait}` })

        let pages: readonly [login: Page, slow: Page]
        let slowPath = `${path}?${query}&slow=1`
        switch (overlap) {
          case 'it goes on after the login': {
            const wait = '&wait=in,on'
            slowPath = `${path}?${query}${wait}&slow=1`
            const slow = sendSlow(wait)
            await meetings.at(`in ${round}`, 2)
            const first = await login('')
            await meetings.at(`on ${round}`, 2)
            pages = [first, await slow]
            break
          }
          case 'both commit at once': {
            const wait = '&wait=both'
            slowPath = `${path}?${query}${wait}&slow=1`
            pages = await Promise.all([login(wait), sendSlow(wait)])
            break
          }
          case 'it is sent after the login':
            pages = [await login(''), await sendSlow('')]
        }

        const [first, slow] = pages
        expect(first).toMatchObject({ status: 200, setCookies: [expect.any(String)] })
        expect(statuses[overlap]).toContain(slow.status)
        expect(errorAt(slowPath)).toBe(slow.status === 401 ? 'ERR_GONE' : undefined)
        expect(slow.setCookies).toHaveLength(isLogin === true ? 1 : 0)
        expect(user.setCookies.filter((setCookie) => /max-age|expires|=;/i.test(setCookie))).toEqual([])
        expect((await user.get('/state')).json<State>()).toMatchObject({ subject: name, isNew: false })
        const before = (await user.send({ path: '/state', cookie: old })).json<State>()
        expect(before).toMatchObject({ subject: null, isNew: true })
        expect(await sessionsOf(name)).toHaveLength(isLogin === true ? 2 : 1)
      })
    })
  })
})
