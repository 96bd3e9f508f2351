/** Sessions of the profile aal2 that nobody has used for too long, on every store, by the store's own time. */
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionList, SessionStatus, Sessions } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Browser } from '../../src/index.ts'
import { type Data, json, type Route, STATUS_PATH } from '../frameworks/site.ts'
import { onStage, post, type Stage } from '../promises/stage.ts'
import { lasting, openEmpty, type Process, REAL_STORES } from './real-stores.ts'

const IDLE = 400
const HOUR = 3_600_000

interface Shown {
  readonly subject: string | null
  readonly n: number | null
  readonly waiting: { readonly subject: string; readonly until: number } | null
  readonly ended: string | null
}

describe.each(REAL_STORES)('a session that nobody has used for too long, on $name by $framework.name', (real) => {
  let opened: Process
  let engine: Sessions<Data>
  /** How far the engine is ahead of the store, in milliseconds. */
  let ahead = 0

  beforeAll(async () => {
    opened = await openEmpty(real)
  })
  afterAll(() => opened?.close())

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/shown',
      handle: ({ session }) =>
        json({
          subject: session.subject ?? null,
          n: session.get('n') ?? null,
          waiting: session.suspended ?? null,
          ended: session.endedBecause?.reason ?? null,
        }),
    },
    {
      method: 'GET',
      path: '/devices',
      handle: async ({ query }) => json(await engine.list(query['user']!)),
    },
    post('/enter', ({ session, query }) => {
      session.login(query['user']!, { level: 2, methods: ['pwd', 'otp'] })
      session.set('n', 7)
      session.setLifetime({ idleTimeout: IDLE })
    }),
    post('/write', ({ session }) => session.set('n', 8)),
    post('/prove', ({ session }) => {
      session.reauthenticate({ methods: ['pwd'] })
      session.setLifetime({ idleTimeout: HOUR })
    }),
    post('/destroy', ({ session }) => session.destroy()),
    post('/end-all', async ({ query }) => void (await engine.endAll(query['user']!))),
  ]

  /** Signs in, and lets the idle timeout pass. */
  async function suspended(subject: string, play: (stage: Stage, user: Browser) => Promise<void>): Promise<void> {
    ahead = 0
    const clock = { now: () => opened.store.clock!.now() + ahead }
    const options = { profile: 'aal2', clock, storeDeadline: '10s', commitDeadline: '20s' } as const
    await onStage(real.framework.serve, { routes, inner: lasting(opened.store), engine: options }, async (stage) => {
      engine = stage.engines[0]!
      const user = stage.browser()
      await user.post(`/enter?user=${subject}`)
      await delay(IDLE + 100)
      await play(stage, user)
    })
  }

  const shown = async (user: Browser): Promise<Shown> => (await user.get('/shown')).json<Shown>()
  const codeAt = (stage: Stage, path: string): string | undefined => stage.errorAt(path)

  it('NIST 5.2-AAL2: is suspended: it reads as empty, changes are refused, and no cookie is sent', async () => {
    await suspended('ann', async (stage, user) => {
      const page = await user.get('/shown')
      expect(page.json()).toMatchObject({ subject: null, n: null, waiting: { subject: 'ann' }, ended: 'idle' })
      expect(page.setCookies).toEqual([])
      expect((await user.post('/write')).status).toBe(401)
      expect(codeAt(stage, '/write')).toBe('ERR_SUSPENDED')
      expect((await user.get('/devices?user=ann')).json<SessionList>().sessions).toEqual([])
    })
  })

  it('NIST 5.2-AAL2: is told by the status handler, and kept alive by no request for it', async () => {
    await suspended('gil', async (_, user) => {
      for (const method of ['GET', 'POST', 'GET'] as const) {
        const page = await user.send({ method, path: STATUS_PATH })
        expect(page).toMatchObject({ status: 200, setCookies: [] })
        expect(page.json<SessionStatus>()).toEqual({
          isSignedIn: false,
          isSuspended: true,
          level: 0,
          expiresIn: null,
          absoluteExpiresIn: null,
          endedBecause: { reason: 'idle', at: expect.any(Number) },
        })
      }
      await user.post('/prove')
      const status = (await user.get(STATUS_PATH)).json<SessionStatus>()
      expect(status).toMatchObject({ isSignedIn: true, isSuspended: false, level: 2 })
    })
  })

  it('NIST 5.2-AAL2: is revived by one factor, with all that it held, and a new token', async () => {
    await suspended('bea', async (stage, user) => {
      const old = user.cookie!
      expect((await user.post('/prove')).setCookies).toHaveLength(1)
      expect(await shown(user)).toMatchObject({ subject: 'bea', n: 7, waiting: null })
      expect((await user.post('/write')).status).toBe(200)
      expect((await user.get('/devices?user=bea')).json<SessionList>().sessions).toHaveLength(1)
      const before = (await stage.browser().send({ path: '/shown', cookie: old })).json<Shown>()
      expect(before).toMatchObject({ subject: null, waiting: null })
    })
  })

  it('NIST 5.2-AAL2: is over at its absolute end, and nothing helps', async () => {
    await suspended('cid', async (_, user) => {
      ahead = 24 * HOUR - 2 * IDLE - 60_000
      expect((await shown(user)).waiting).toMatchObject({ subject: 'cid' })
      ahead = 24 * HOUR
      expect(await shown(user)).toMatchObject({ waiting: null, ended: 'absolute' })
      expect((await user.post('/prove')).status).toBe(401)
    })
  })

  it('goes on by a login, and ends by a destroy or from elsewhere', async () => {
    await suspended('dan', async (_, user) => {
      await user.post('/login?user=dan')
      expect(await shown(user)).toMatchObject({ subject: 'dan', n: 7 })
    })
    for (const [subject, path, ended] of [
      ['eve', '/destroy', 'logout'],
      ['fay', '/end-all?user=fay', 'elsewhere'],
    ] as const) {
      await suspended(subject, async (stage, user) => {
        const old = user.cookie!
        expect((await user.post(path)).status).toBe(200)
        const page = await stage.browser().send({ path: '/shown', cookie: old })
        expect(page.json()).toMatchObject({ subject: null, waiting: null, ended })
      })
    }
  })
})
