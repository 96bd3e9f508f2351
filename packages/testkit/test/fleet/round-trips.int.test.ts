import { randomBytes } from 'node:crypto'

import { type SessionsOptions, createSessions } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  Browser,
  type Connections,
  connections,
  faultProxy,
  monitorRedis,
  postgresUrl,
  startRedis,
} from '../../src/index.ts'
import { serveExpress } from '../frameworks/serve-express.ts'
import type { Data, Site } from '../frameworks/site.ts'
import { emptyDatabase } from './empty-database.ts'
import { FLEET_ROUTES } from './routes.ts'
import { type OpenedStore, type SharedStore, openStore } from './shared-store.ts'

/** What one request costs: how often the process asked the server and waited. */
interface Costs {
  readonly untouched: number
  readonly read: number
  readonly change: number
}

/** A site over a store behind a proxy, which sees every question that the store asks. */
async function site(
  choice: SharedStore,
  engine: Omit<SessionsOptions, 'store'>,
): Promise<Site & { opened: OpenedStore }> {
  const opened = await openStore(choice)
  const sessions = createSessions<Data>({ ...engine, store: opened.store })
  const served = await serveExpress(FLEET_ROUTES, sessions)
  const close = async (): Promise<void> => {
    await served.close()
    await sessions.close()
    await opened.close()
  }
  return { ...served, opened, close }
}

/** Measures a few times: a process that was busy doubts its feed for a moment, and asks the store more often. */
async function expectCosts(expected: Partial<Costs>, measure: () => Promise<Costs>): Promise<void> {
  await expect.poll(measure, { timeout: 30_000, interval: 200 }).toEqual(expected)
}

async function costsOf(user: Browser, count: () => Promise<number>): Promise<Costs> {
  const cost = async (act: () => Promise<unknown>): Promise<number> => {
    const before = await count()
    for (let times = 0; times < 10; times++) await act()
    return ((await count()) - before) / 10
  }
  await user.post('/login?user=ann')
  await user.post('/increment')
  return {
    untouched: await cost(() => user.get('/plain')),
    read: await cost(() => user.get('/state')),
    change: await cost(() => user.post('/increment')),
  }
}

describe('a request costs', () => {
  let shared: Connections

  beforeAll(() => {
    shared = connections()
  })
  afterAll(() => {
    shared.close()
  })

  it.each([
    ['cached', {}, { untouched: 0, read: 0, change: 1 }],
    ['uncached', { cache: false }, { untouched: 1, read: 1, change: 2 }],
    ['uncached and lazy', { cache: false, load: 'lazy' }, { untouched: 0 }],
  ] as const)('over Redis, %s: as many commands and round trips as it must', async (_, engine, expected) => {
    const server = await startRedis()
    const { url } = server
    const monitor = await monitorRedis(url)
    const prefix = `trips-${randomBytes(4).toString('hex')}`
    const proxy = await faultProxy({ port: Number(new URL(url).port) })
    const running = await site({ type: 'redis', url: proxy.urlOf(url), prefix }, engine)
    const user = new Browser(running.url, shared)
    const commands = async (): Promise<number> => {
      await monitor.settle()
      return monitor.commands.filter(({ command: [name = '', ...values], isFromScript }) => {
        // A heartbeat is a script whose only key is the channel.
        const isOfFeed = /PUBLISH|SUBSCRIBE/.test(name) || values[2] === `${prefix}:{feed}`
        return !isFromScript && !isOfFeed && values.some((value) => value.startsWith(`${prefix}:`))
      }).length
    }
    if (!('load' in engine)) await expectCosts(expected, () => costsOf(user, commands))
    else {
      await user.post('/plain')
      const before = await commands()
      for (let times = 0; times < 10; times++) await user.get('/plain')
      expect((await commands()) - before).toBe(10 * expected.untouched)
    }
    monitor.stop()
    await running.close()
    await proxy.stop()
    await server.stop()
  })

  it.each([
    ['as it comes', {}, { untouched: 1, read: 1, change: 2 }],
    ['with a cache', { cache: {} }, { untouched: 0, read: 0, change: 1 }],
  ] as const)('over Postgres, %s: as many round trips as it must', async (_, engine, expected) => {
    const url = await emptyDatabase(await postgresUrl())
    const proxy = await faultProxy({ port: Number(new URL(url).port) })
    const running = await site({ type: 'postgres', url: proxy.urlOf(url), poolSize: 1 }, engine)
    const user = new Browser(running.url, shared)
    const trips = async (): Promise<number> => proxy.roundTrips
    await expectCosts(expected, () => costsOf(user, trips))
    await running.close()
    await proxy.stop()
  })
})
