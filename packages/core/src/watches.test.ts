import { describe, expect, it } from 'vitest'

import { type ManualClock, Visit, codeOf, manualClock, open, serve, warnings } from '../test/visit.ts'
import { type AnyStore, type Sessions, type WatchedChange, createSessions, memoryStore } from './index.ts'

const MINUTE = 60_000

interface Stage {
  readonly here: Sessions
  readonly there: Sessions
  readonly clock: ManualClock
  readonly cookie: string
  readonly told: WatchedChange[]
  unwatch(): void
}

/** A session that is watched here, and used there. */
async function watched(wrap: (store: AnyStore) => AnyStore = (one) => one): Promise<Stage> {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const options = { jitter: 0, renewEvery: false } as const
  const [here, there] = [createSessions({ store: wrap(store), ...options }), createSessions({ store, ...options })]
  const cookie = (await serve(there, undefined, (s) => s.login('ann'))).newCookie!
  const told: WatchedChange[] = []
  const session = await open(here, new Visit(cookie), { passive: true })
  const unwatch = here.watch(session, (change) => told.push(change))
  await rest(20)
  return { here, there, clock, cookie, told, unwatch }
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function withoutFeed(store: AnyStore): AnyStore {
  const { subscribe: _, feeds: __, isFeedHealthy: ___, ...rest } = store as Required<AnyStore>
  return rest
}

describe('a connection that watches its session', () => {
  it('ASVS 7.4.1: is told of its end on another process, at once and once, with the reason', async () => {
    const { here, there, cookie, told } = await watched()
    const { id } = await open(there, new Visit(cookie))
    await there.end('ann', id)
    await rest(20)
    await there.endAll('ann')
    await rest(20)
    expect(told).toEqual([{ type: 'ended', reason: 'elsewhere', at: expect.any(Number) }])
    await here.close()
  })

  it('is told of renewals, and goes on over them', async () => {
    const { here, there, cookie, told } = await watched()
    const renewed = (await serve(there, cookie, (s) => s.renew())).newCookie!
    await serve(there, renewed, (s) => s.logout())
    await rest(20)
    expect(told).toEqual([{ type: 'renewed' }, { type: 'ended', reason: 'logout', at: expect.any(Number) }])
    await here.close()
  })

  it(
    'ASVS 7.3.1, 7.3.2: is told when its time has passed, but not while others use it',
    { timeout: 8000 },
    async () => {
      const { here, there, clock, cookie, told } = await watched()
      clock.advance(20 * MINUTE)
      await serve(there, cookie, (s) => s.subject)
      await rest(20)
      clock.advance(20 * MINUTE)
      await rest(1200)
      expect(told).toEqual([])
      clock.advance(10.5 * MINUTE)
      await rest(1200)
      expect(told).toMatchObject([{ type: 'ended', reason: 'idle' }])
      await here.close()
    },
  )

  it('ASVS 7.4.5: is told of the end of everything', { timeout: 8000 }, async () => {
    const { here, there, told } = await watched()
    await there.endEverything()
    await rest(3100)
    expect(told).toMatchObject([{ type: 'ended', reason: 'elsewhere' }])
    await here.close()
  })

  it('is told within the cache’s bound where the store has no feed', { timeout: 10_000 }, async () => {
    const { here, there, cookie, told } = await watched(withoutFeed)
    const renewed = (await serve(there, cookie, (s) => s.renew())).newCookie!
    await serve(there, renewed, (s) => s.logout())
    await rest(5500)
    expect(told).toMatchObject([{ type: 'renewed' }, { type: 'ended', reason: 'logout' }])
    await here.close()
  })

  it('is told after the feed was in doubt, of what it did not tell', { timeout: 8000 }, async () => {
    let doubt = (): void => {}
    const { here, there, cookie, told } = await watched((store) => ({
      ...store,
      subscribe: (listener) => {
        doubt = () => listener({ type: 'state', state: 'coherent' })
        return () => {}
      },
    }))
    await serve(there, cookie, (s) => s.logout())
    await rest(20)
    expect(told).toEqual([])
    doubt()
    await rest(1300)
    expect(told).toMatchObject([{ type: 'ended', reason: 'logout' }])
    await here.close()
  })

  it('is told of an end between the load of its request and the watch', async () => {
    const store = memoryStore()
    const sessions = createSessions({ store })
    const cookie = (await serve(sessions, undefined, (s) => s.login('ann'))).newCookie!
    const session = await open(sessions, new Visit(cookie))
    await serve(sessions, cookie, (s) => s.logout())
    const told: WatchedChange[] = []
    sessions.watch(session, (change) => told.push(change))
    await rest(20)
    expect(told).toMatchObject([{ type: 'ended', reason: 'logout' }])
    await sessions.close()
  })

  it('is told nothing after it stopped watching, and outages are nobody’s end', { timeout: 8000 }, async () => {
    let isDown = false
    const { here, there, cookie, told, unwatch } = await watched((store) => ({
      ...withoutFeed(store),
      load: (...call) => (isDown ? Promise.reject(new Error('down')) : store.load(...call)),
    }))
    isDown = true
    await rest(5500)
    expect(told).toEqual([])
    unwatch()
    unwatch()
    isDown = false
    await serve(there, cookie, (s) => s.logout())
    await rest(1200)
    expect(told).toEqual([])
    await here.close()
  })

  it('keeps nobody else from being told when it throws', async () => {
    const { here, there, cookie, told } = await watched()
    const session = await open(here, new Visit(cookie))
    here.watch(session, () => {
      throw new Error('gone')
    })
    here.watch(session.id, (change) => told.push(change))
    const codes = await warnings(async () => {
      await serve(there, cookie, (s) => s.logout())
      await rest(20)
    })
    expect(codes).toEqual(['WARN_WATCHER_THREW'])
    expect(told).toHaveLength(2)
    await here.close()
  })

  it('may be named by an id that this process has asked for, and by nothing unknown', async () => {
    const { here } = await watched()
    const fresh = await open(here, new Visit())
    for (const nothing of ['unknown', fresh, fresh.id]) {
      expect(await codeOf(() => here.watch(nothing, () => {}))).toBe('ERR_NOT_WATCHABLE')
    }
    await here.close()
  })
})
