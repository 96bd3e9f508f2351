import { describe, expect, it } from 'vitest'

import { type FaultPlan, Meetings, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type State, onStage, post } from './stage.ts'

const ROUNDS = 200

describe.each(FRAMEWORKS)('two overlapping requests set different fields, on $name', ({ serve }) => {
  it.each([1, 2])('and none is lost, in %i process(es)', async (processes) => {
    const meetings = new Meetings()
    const routes = [
      post('/set', async ({ session, query }) => {
        await meetings.at(`handlers of ${query['round']}`, 2)
        session.set(query['field'] as 'a' | 'b', query['round']!)
      }),
    ]
    await onStage(serve, { routes, processes }, async ({ browser, faulty, site }) => {
      if (processes === 2) faulty.plan = firstTwoUpdatesMeet(meetings)
      await rounds(ROUNDS, async (round) => {
        const user = browser()
        await user.post('/begin')
        const set = (field: string, turn: number): Promise<{ status: number }> =>
          user.send({ method: 'POST', path: `/set?round=${round}&field=${field}`, url: site(turn).url })
        const pages = await Promise.all([set('a', 0), set('b', 1)])
        expect(pages.map(({ status }) => status)).toEqual([200, 200])
        const { fields } = (await user.get('/state')).json<State>()
        expect(fields).toEqual({ n: 0, a: `${round}`, b: `${round}` })
      })
    })
  })
})

/** Both processes have sent their write before either is applied. */
function firstTwoUpdatesMeet(meetings: Meetings): FaultPlan {
  const sent = new Map<string, number>()
  return ({ verb, key }) => {
    if (verb !== 'update') return undefined
    const count = (sent.get(key) ?? 0) + 1
    sent.set(key, count)
    return count <= 2 ? { type: 'late', until: meetings.at(`updates of ${key}`, 2) } : undefined
  }
}
