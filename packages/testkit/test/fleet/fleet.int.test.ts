import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Browser, measureLoopDelay, rounds } from '../../src/index.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'
import { keyOf } from '../promises/stage.ts'
import { openStore, type OpenedStore, type SharedStore } from './shared-store.ts'
import { SHARED_STORES } from './shared-stores.ts'

const IDLE_TIMEOUT = 60_000

/** What is shown here must hold on a machine of any speed; deadlines are proved with the faults. */
const PATIENCE = { storeDeadline: 10_000, commitDeadline: 30_000 }

describe.each(SHARED_STORES)('four processes over $name', ({ create }) => {
  let choice: SharedStore
  let fleet: Fleet
  let witness: OpenedStore

  beforeAll(async () => {
    choice = await create()
    // The first one makes the schema; what four do at once is tested beside the store.
    witness = await openStore(choice)
    fleet = await startFleet(() => ({ store: choice, engine: { idleTimeout: IDLE_TIMEOUT, ...PATIENCE } }))
  }, 60_000)

  afterAll(async () => {
    await fleet?.close()
    await witness?.close()
  })

  const shownTo = async (browser: Browser, turn: number, cookie = browser.cookie): Promise<Shown> => {
    const page = await browser.send({ path: '/state', url: fleet.url(turn), cookie })
    expect(page.status).toBe(200)
    return page.json<Shown>()
  }

  /** Lets every process remember the session. */
  const warm = (browser: Browser): Promise<unknown> => Promise.all(fleet.urls.map((_, turn) => shownTo(browser, turn)))

  it('lose none of 40 writes of different fields that come at once, 50 times', async () => {
    const user = fleet.browser()
    await user.post('/begin')
    await warm(user)
    for (let round = 0; round < 50; round++) {
      const writers = Array.from({ length: 40 }, (_, writer) =>
        user.send({ method: 'POST', path: `/set?name=f${writer}&value=${round}`, url: fleet.url(writer) }),
      )
      for (const page of await Promise.all(writers)) expect(page.status).toBe(200)
      const expected = Object.fromEntries(Array.from({ length: 40 }, (_, writer) => [`f${writer}`, `${round}`]))
      // A copy may lag by the feed's delay. What is lost never comes.
      await expect
        .poll(async () => (await shownTo(user, round)).fields, { timeout: 5000, interval: 10 })
        .toEqual({ n: 0, ...expected })
    }
  })

  it('never bring back a session that one of them ended, 500 times', async () => {
    await rounds(500, async (round) => {
      const user = fleet.browser(round)
      await user.post(`/login?user=u${round}`)
      const old = user.cookie!
      await warm(user)
      const writers = [1, 2, 3].map((offset) =>
        user.send({
          method: 'POST',
          path: `/slow-increment?ms=${offset}`,
          url: fleet.url(round + offset),
          cookie: old,
        }),
      )
      const leaving = user.post(round % 2 === 0 ? '/logout' : '/destroy')
      expect(await leaving).toMatchObject({ status: 200 })
      for (const page of await Promise.all(writers)) expect([200, 401]).toContain(page.status)
      for (const [turn] of fleet.urls.entries()) {
        const page = await user.send({ method: 'POST', path: '/increment', url: fleet.url(turn), cookie: old })
        // A copy may lag by the feed's delay, so the write is what must be refused.
        if (page.status === 200) expect(page.setCookies).toHaveLength(1)
        else expect(page).toMatchObject({ status: 401, setCookies: [] })
      }
      const { signal } = new AbortController()
      const { sessions } = await witness.store.listSubject!(`u${round}`, { limit: 10 }, { signal })
      expect(sessions).toEqual([])
    })
  })

  it('see a login of any of them as soon as its first byte has arrived, 1,000 times', async () => {
    await rounds(1000, async (round) => {
      const user = fleet.browser(round)
      await user.post(`/login?user=s${round}`)
      expect(await shownTo(user, round + 1)).toMatchObject({ subject: `s${round}`, isNew: false })
    })
  })

  it('refuse what one of them ended, 1,000 times, the slowest hundredth within 50 ms', async () => {
    const lags: number[] = []
    const delay = measureLoopDelay()
    await rounds(1000, async (round) => {
      const user = fleet.browser(round)
      await user.post('/begin')
      const old = user.cookie!
      await shownTo(user, round + 1)
      await user.post('/destroy')
      const endedAt = performance.now()
      while (!(await shownTo(user, round + 1, old)).isNew) expect(performance.now() - endedAt).toBeLessThan(5000)
      lags.push(performance.now() - endedAt)
    })
    lags.sort((a, b) => a - b)
    expect(lags[989]).toBeLessThan(50 + 5 * delay.stop())
  })

  it('never move a deadline back that another of them has moved, 200 times', async () => {
    await rounds(200, async (round) => {
      const user = fleet.browser(round)
      await user.post('/begin')
      let latest = 0
      for (let turn = 0; turn < 8; turn++) {
        const acting =
          turn % 2 === 0 ? user.send({ method: 'POST', path: '/increment', url: fleet.url(turn) }) : undefined
        const { expiresAt } = await shownTo(user, round + turn)
        await acting
        const page = await user.send({ path: '/state', url: fleet.url(round) })
        latest = Math.max(latest, expiresAt!)
        expect(page.json<Shown>().isNew).toBe(false)
      }
      const { signal } = new AbortController()
      const key = keyOf(user.cookie!)
      const found = await witness.store.load(key, { signal })
      expect(found.outcome === 'found' && found.idleUntil).toBeGreaterThanOrEqual(latest)
    })
  })
})
