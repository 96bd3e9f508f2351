/** What one process learns of what another has done to a session, on every store. */
import { setTimeout as delay } from 'node:timers/promises'
import { createSessions, type Sessions, type WatchedChange } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { measureLoopDelay } from '../../src/index.ts'
import { type Process, REAL_STORES } from './real-stores.ts'
import { request } from './request.ts'

/** How old a copy of a record may be, in milliseconds. */
const CACHE_BOUND = 5_000
/** How long a busy machine may keep a store call waiting is not what this is about. */
const PATIENT = { storeDeadline: '10s', commitDeadline: '20s' } as const

describe.each(REAL_STORES)('two processes over $name', (real) => {
  const processes: Process[] = []
  let here: Sessions
  let there: Sessions

  beforeAll(async () => {
    const open = await real.place()
    processes.push(await open(), await open())
    ;[here, there] = processes.map(({ store }) => createSessions({ ...PATIENT, store })) as [Sessions, Sessions]
    await Promise.all([here.ready(), there.ready()])
  })
  afterAll(async () => {
    await Promise.all([here?.close(), there?.close()])
    await Promise.all(processes.map((one) => one.close()))
  })

  const signIn = async (sessions: Sessions, subject: string): Promise<string> =>
    (await request(sessions, undefined, (s) => s.login(subject))).cookie!

  /** Waits until something holds, for no longer than a copy may be shown. */
  async function withinBound(holds: () => boolean | Promise<boolean>): Promise<void> {
    const loop = measureLoopDelay()
    const startedAt = performance.now()
    for (;;) {
      if (await holds()) break
      if (performance.now() - startedAt > 4 * CACHE_BOUND) break
      await delay(10)
    }
    const took = performance.now() - startedAt
    expect(took).toBeLessThan(CACHE_BOUND + 5 * loop.stop())
  }

  const subjectAt = async (sessions: Sessions, cookie: string): Promise<string | undefined> =>
    (await request(sessions, cookie, (s) => s.subject)).result

  it('ASVS 7.4.1: a socket is told of renewals and of the end that happen elsewhere, within the bound of the cache', async () => {
    const cookie = await signIn(here, 'ann')
    const told: WatchedChange[] = []
    await request(here, cookie, (s) => here.watch(s, (change) => told.push(change)))
    const renewed = (await request(there, cookie, (s) => s.renew())).cookie!
    await withinBound(() => told.length > 0)
    expect(told).toEqual([{ type: 'renewed' }])
    await request(there, renewed, (s) => s.logout())
    await withinBound(() => told.length > 1)
    expect(told).toMatchObject([{ type: 'renewed' }, { type: 'ended', reason: 'logout' }])
  })

  it('ASVS 7.2.4: a token that was renewed for a privilege is dead at once for strict loads, and within the bound', async () => {
    const cookie = await signIn(here, 'bea')
    expect(await subjectAt(there, cookie)).toBe('bea')
    await request(here, cookie, (s) => s.elevate({ level: 2, methods: ['otp'] }))
    const strictly = await there.open(
      { secure: false, header: (name) => (name === 'cookie' ? cookie : undefined), appendHeader: () => {} },
      { load: 'strict' },
    )
    expect(strictly.subject).toBeUndefined()
    await withinBound(async () => (await subjectAt(there, cookie)) === undefined)
  })

  it('ASVS 7.4.3: whoever ends all others goes on under a new token, and the others are out within the bound', async () => {
    const [mine, other] = [await signIn(here, 'cid'), await signIn(there, 'cid')]
    expect(await subjectAt(there, other)).toBe('cid')
    const { result, cookie } = await request(here, mine, (s) => here.endOthers(s))
    expect(await result).toBe(1)
    expect(cookie).not.toBe(mine)
    expect(await subjectAt(there, cookie!)).toBe('cid')
    await withinBound(async () => (await subjectAt(there, other)) === undefined)
    expect((await there.list('cid')).sessions).toHaveLength(1)
  })
})
