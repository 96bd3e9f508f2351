import { describe, expect, it } from 'vitest'

import { Meetings, latch, manualClock } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Route, json } from '../frameworks/site.ts'
import { type State, onStage, stateOf } from './stage.ts'

const REQUESTS = 1000
const BURST = 50
const MINUTE = 60_000

describe.each(FRAMEWORKS)('a session that is only read, on $name', ({ serve }) => {
  const meetings = new Meetings()
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/read-together',
      handle: async ({ session }) => {
        await meetings.at('burst', BURST)
        return json(stateOf(session))
      },
    },
  ]

  it('1,000 times in one touch interval costs one touch and no write', async () => {
    const clock = manualClock()
    const engine = { clock, jitter: 0, idleTimeout: '30m', storeDeadline: '60s', cache: false } as const
    await onStage(serve, { routes, engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      const readAll = async (): Promise<void> => {
        for (let sent = 0; sent < REQUESTS; sent += BURST) {
          const pages = await Promise.all(Array.from({ length: BURST }, () => user.get('/read-together')))
          for (const page of pages) {
            expect(page).toMatchObject({ status: 200, setCookies: [] })
            expect(page.json<State>()).toMatchObject({ subject: 'ann', revision: 1 })
          }
        }
      }
      const writes = { create: 0, update: 0, renew: 0, end: 0 }

      stage.faulty.forget()
      clock.advance(3 * MINUTE - 1)
      await readAll()
      expect(stage.faulty.calls).toEqual({ ...writes, load: REQUESTS, touch: 0 })

      // While the touch is under way, every request still sees the old deadline.
      const door = latch()
      stage.faulty.plan = ({ verb }) => (verb === 'touch' ? { type: 'late', until: door.promise } : undefined)
      stage.faulty.forget()
      clock.advance(1)
      await readAll()
      expect(stage.faulty.calls).toEqual({ ...writes, load: REQUESTS, touch: 1 })
      door.open()
      await stage.engines[0]!.close()
      expect(await stage.sessionsOf('ann')).toMatchObject([{ idleUntil: clock.now() + 30 * MINUTE }])
    })
  })
})
