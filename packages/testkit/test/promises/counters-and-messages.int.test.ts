import { describe, expect, it } from 'vitest'

import { Meetings, type Page, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, json } from '../frameworks/site.ts'
import { type State, onStage, post } from './stage.ts'

const ROUNDS = 200

describe.each(FRAMEWORKS)('overlapping changes of one field, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const all = (round: string | undefined): Promise<void> => meetings.at(`round ${round}`, 20)
  // Both take the same number of turns, so that takes and appends commit as they come in: two and two.
  const take: Route = {
    method: 'POST',
    path: '/take',
    handle: async ({ session, query }) => {
      await all(query['round'])
      return json(session.take('messages') ?? [])
    },
  }
  const append: Route = {
    method: 'POST',
    path: '/append',
    handle: async ({ session, query }) => {
      await all(query['round'])
      session.update('messages', (messages = []) => [...messages, query['text']!])
      return json('appended')
    },
  }
  const routes = [
    take,
    append,
    post('/increment', async ({ session, query }) => {
      await all(query['round'])
      session.increment('n')
    }),
    post('/update', async ({ session, query }) => {
      await all(query['round'])
      session.update('n', (n = 0) => n + 1)
    }),
    post('/receive', ({ session }) => session.set('messages', ['first', 'second', 'second'])),
  ]

  it('10 increments and 10 updates add up', async () => {
    await onStage(serve, { routes, processes: 2 }, async ({ browser, site }) => {
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/begin')
        const pages = await twenty((turn) => {
          const path = `/${turn % 4 < 2 ? 'increment' : 'update'}?round=${round}`
          return user.send({ method: 'POST', path, url: site(inEveryOther(round, turn)).url })
        })
        expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200))
        const { fields } = (await user.get('/state')).json<State>()
        expect(fields).toEqual({ n: 20 })
      })
    })
  })

  it('10 takes remove what they showed, 10 appends stay', async () => {
    await onStage(serve, { routes, processes: 2 }, async ({ browser, site }) => {
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/receive')
        const pages = await twenty((turn) => {
          const path = isTake(round, turn) ? `/take?round=${round}` : `/append?round=${round}&text=${turn}`
          return user.send({ method: 'POST', path, url: site(inEveryOther(round, turn)).url })
        })
        expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200))
        // All had loaded the session before the first of them changed it.
        const shown = pages.filter((_, turn) => isTake(round, turn)).map((page) => page.json())
        expect(shown).toEqual(Array(10).fill(['first', 'second', 'second']))
        const { fields } = (await user.get('/state')).json<State>()
        const appended = pages.map((_, turn) => turn).filter((turn) => !isTake(round, turn))
        expect(fields.messages?.toSorted()).toEqual(appended.map(String).toSorted())
      })
    })
  })

  it('10 takes and 10 appends that come as they come: every message is shown, or still there', async () => {
    const free = [
      post('/add', ({ session, query }) =>
        session.update('messages', (messages = []) => [...messages, query['text']!]),
      ),
      { ...take, path: '/show', handle: ({ session }) => json(session.take('messages') ?? []) } satisfies Route,
    ]
    await onStage(serve, { routes: free, processes: 2 }, async ({ browser, site }) => {
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/begin')
        const pages = await twenty((turn) => {
          const path = turn % 4 < 2 ? '/show' : `/add?text=${turn}`
          return user.send({ method: 'POST', path, url: site(inEveryOther(round, turn)).url })
        })
        const shown = pages.flatMap((page, turn) => (turn % 4 < 2 ? page.json<string[]>() : []))
        const left = (await user.post('/show')).json<string[]>()
        const appended = pages.map((_, turn) => turn).filter((turn) => turn % 4 >= 2)
        expect([...new Set([...shown, ...left])].toSorted()).toEqual(appended.map(String).toSorted())
        expect(new Set(left).size).toBe(left.length)
        expect((await user.post('/show')).json()).toEqual([])
      })
    })
  })
})

function twenty(send: (turn: number) => Promise<Page>): Promise<Page[]> {
  return Promise.all(Array.from({ length: 20 }, (_, turn) => send(turn)))
}

/** Takes and appends come two and two; every other round begins with appends. */
function isTake(round: number, turn: number): boolean {
  return ((turn >> 1) + (round >> 1)) % 2 === 0
}

/** Every other round is served by one process, the others by both in turn. */
function inEveryOther(round: number, turn: number): number {
  return round % 2 === 0 ? 0 : turn >> 1
}
