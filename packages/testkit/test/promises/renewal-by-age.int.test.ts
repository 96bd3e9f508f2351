import { describe, expect, it } from 'vitest'

import { Meetings, latch, manualClock, rounds, strikeOnce } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, json } from '../frameworks/site.ts'
import { type Stage, type State, onStage, post, stateOf } from './stage.ts'

const MINUTE = 60_000
const TOGETHER = 100

describe.each(FRAMEWORKS)('a token that is replaced by age, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/read-together',
      handle: async ({ session, query }) => {
        await meetings.at(query['round']!, TOGETHER)
        return json(stateOf(session))
      },
    },
    post('/count-together', async ({ session, query }) => {
      await meetings.at(query['round']!, TOGETHER)
      session.increment('n')
    }),
    post('/count', ({ session }) => session.increment('n')),
    { method: 'GET', path: '/why', handle: ({ session }) => json(session.endedBecause ?? null) },
  ]

  const played = async (play: (stage: Stage, pass: (ms: number) => void) => Promise<void>): Promise<void> => {
    const clock = manualClock()
    const engine = { clock, jitter: 0, storeDeadline: '60s', commitDeadline: '120s' } as const
    await onStage(serve, { routes, engine, processes: 2 }, (stage) => play(stage, (ms) => clock.advance(ms)))
  }

  it('CS-9: is noticed by none of 100 requests that come together, in two processes', async () => {
    await played(async (stage, pass) => {
      await rounds(
        5,
        async (round) => {
          const user = stage.browser(round)
          const subject = `user-${round}`
          await user.post(`/login?user=${subject}`)
          const old = user.cookie!
          pass(15 * MINUTE)
          const pages = await Promise.all(
            Array.from({ length: TOGETHER }, (_, index) => {
              const isRead = index % 4 > 0
              const path = `${isRead ? '/read-together' : '/count-together'}?round=${round}`
              return user.send({ method: isRead ? 'GET' : 'POST', path, url: stage.site(index).url })
            }),
          )
          expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200))
          const sent = new Set(pages.flatMap(({ setCookies }) => setCookies))
          expect(sent.size).toBe(1)
          expect(user.cookie).not.toBe(old)
          for (const page of pages.filter((_, index) => index % 4 > 0)) {
            expect(page.json<State>()).toMatchObject({ subject })
          }
          expect((await user.get('/state')).json<State>()).toMatchObject({ subject, fields: { n: TOGETHER / 4 } })
          expect(await stage.sessionsOf(subject)).toHaveLength(1)
        },
        1,
      )
    })
  })

  it('OA-5: is sent again, the same one, to a client that lost the answer', async () => {
    await played(async (stage, pass) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      const old = user.cookie!
      pass(15 * MINUTE)
      const [lost] = (await stage.browser().send({ path: '/state', cookie: old })).setCookies
      expect(lost).toMatch(/^id=[\w-]{32};/)
      for (const turn of [0, 1, 2, 3]) {
        pass(10 * MINUTE)
        const again = await user.send({ method: 'POST', path: '/count', cookie: old, url: stage.site(turn).url })
        expect(again.setCookies).toEqual([lost])
        for (const engine of stage.engines) await settled(engine)
      }
      expect(user.cookie).toBe(lost!.split(';')[0])
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann', fields: { n: 4 } })
    })
  })

  it('OA-5: is sent again when it was the answer of the store that got lost', async () => {
    const clock = manualClock()
    const engine = { clock, jitter: 0, storeDeadline: 50, commitDeadline: 200 }
    await onStage(serve, { routes, engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      const old = user.cookie!
      clock.advance(15 * MINUTE)
      stage.faulty.plan = strikeOnce('renew', { type: 'apply then hang' })
      const page = await user.get('/state')
      expect(page).toMatchObject({ status: 200, setCookies: [] })
      const [first] = (await user.get('/state')).setCookies
      expect(first).toBeDefined()
      expect((await user.send({ path: '/state', cookie: old })).setCookies).toEqual([first])
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann' })
    })
  })

  it('OA-2: ends the session when it comes back after its grace', async () => {
    await played(async (stage, pass) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      const old = user.cookie!
      pass(15 * MINUTE)
      await user.get('/state')
      await user.get('/state')
      for (const engine of stage.engines) await settled(engine)
      pass(9_999)
      const late = await user.send({ path: '/state', cookie: old, url: stage.site(1).url })
      expect(late).toMatchObject({ setCookies: [] })
      expect(late.json<State>()).toMatchObject({ subject: 'ann' })
      pass(1)
      const thief = await user.send({ path: '/state', cookie: old, url: stage.site(1).url })
      expect(thief).toMatchObject({ status: 200, setCookies: [] })
      expect(thief.json<State>()).toMatchObject({ subject: null, isNew: true })
      expect((await user.get('/why')).json()).toMatchObject({ reason: 'reuse' })
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: null })
      expect(await stage.sessionsOf('ann')).toEqual([])
    })
  })

  it('keeps the change of a request that was answered long after', async () => {
    const door = latch()
    const slow = post('/slow', async ({ session }) => {
      await door.promise
      session.increment('n')
    })
    const clock = manualClock()
    await onStage(serve, { routes: [...routes, slow], engine: { clock, jitter: 0 }, processes: 2 }, async (stage) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      clock.advance(15 * MINUTE - 1)
      const waiting = stage.browser(1).send({ method: 'POST', path: '/slow', cookie: user.cookie })
      // The slow request has read its session before the other renews it.
      while (stage.faulty.calls.load === 0) await new Promise((resolve) => setImmediate(resolve))
      clock.advance(1)
      await user.get('/state')
      await user.get('/state')
      await settled(stage.engines[0]!)
      clock.advance(MINUTE)
      door.open()
      expect(await waiting).toMatchObject({ status: 200, setCookies: [] })
      expect((await user.get('/state')).json<State>()).toMatchObject({ subject: 'ann', fields: { n: 1 } })
    })
  })
})

/** Lets what nobody waits for, touches and confirmations, reach the store in memory. */
async function settled(engine: { ready(): Promise<void> }): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await engine.ready()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
