import type { SessionStatus } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

import { manualClock } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { STATUS_PATH } from '../frameworks/site.ts'
import { onStage } from './stage.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe.each(FRAMEWORKS)('the time that a session has left, on $name', ({ serve }) => {
  it('NIST 5.2-c: is told without extending it, and extended when asked to', async () => {
    const clock = manualClock()
    const engine = { clock, jitter: 0, timeLeftHeader: 'session-expires-in' }
    await onStage(serve, { routes: [], engine, processes: 2 }, async (stage) => {
      const user = stage.browser()
      const ask = async (method: 'GET' | 'POST', turn = 0): Promise<SessionStatus> => {
        const page = await user.send({ method, path: STATUS_PATH, url: stage.site(turn).url })
        expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
        expect(page.headers['content-type']).toMatch(/^application\/json/)
        return page.json<SessionStatus>()
      }
      const nobody = {
        isSignedIn: false,
        isSuspended: false,
        level: 0,
        expiresIn: null,
        absoluteExpiresIn: null,
        endedBecause: null,
      }
      expect(await ask('GET')).toEqual(nobody)
      expect(await ask('POST')).toEqual(nobody)

      await user.post('/login?user=ann')
      clock.advance(14 * MINUTE)
      for (const turn of [0, 1, 2, 3]) {
        expect(await ask('GET', turn)).toMatchObject({
          isSignedIn: true,
          isSuspended: false,
          level: 1,
          expiresIn: 16 * MINUTE,
          absoluteExpiresIn: 8 * HOUR - 14 * MINUTE,
        })
      }
      expect(stage.faulty.calls.touch).toBe(0)
      expect(await ask('POST')).toMatchObject({ expiresIn: 30 * MINUTE })
      clock.advance(1000)
      // Sooner than a touch by ordinary use would be due.
      expect(await ask('POST', 1)).toMatchObject({ expiresIn: 30 * MINUTE })
      expect(stage.faulty.calls.touch).toBe(2)
      clock.advance(10 * MINUTE)
      const page = await user.get('/state')
      expect(page.headers['session-expires-in']).toBe('1800')
      expect(user.setCookies.length).toBe(2) // the login, and a renewal by age on the page

      clock.advance(30 * MINUTE)
      expect(await ask('GET')).toEqual({ ...nobody, endedBecause: { reason: 'idle', at: clock.now() } })
    })
  })

  it('is 503 while the store is down, and never made up', async () => {
    const engine = { clock: manualClock(), jitter: 0, storeDeadline: 50, cache: false } as const
    await onStage(serve, { routes: [], engine }, async (stage) => {
      const user = stage.browser()
      await user.post('/login?user=ann')
      for (const [method, verb] of [
        ['GET', 'load'],
        ['POST', 'touch'],
      ] as const) {
        stage.faulty.plan = (call) => (call.verb === verb ? { type: 'throw' } : undefined)
        expect(await user.send({ method, path: STATUS_PATH })).toMatchObject({ status: 503, setCookies: [] })
        stage.faulty.plan = () => undefined
        expect(await user.send({ method, path: STATUS_PATH })).toMatchObject({ status: 200 })
      }
    })
  })
})
