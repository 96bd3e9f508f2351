/** How far the change feed can be trusted, and that it says so. */
import { setTimeout as wait } from 'node:timers/promises'
import type { FeedStateChange, StoreChange } from '@holdfast/core'
import { type FaultProxy, faultProxy, startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { redisStore, type RedisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { someRecord, someTombstone, write } from './testing/records.ts'

let server: RedisServer
let proxy: FaultProxy
let client: Redis
let store: RedisStore
let heard: (StoreChange | FeedStateChange)[]

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

beforeEach(async () => {
  proxy = await faultProxy({ port: server.port })
  client = new Redis(proxy.port, '127.0.0.1', { retryStrategy: () => 20 }).on('error', () => {})
  await new Promise((resolve) => client.once('ready', resolve))
  store = redisStore({ client })
  heard = []
  store.subscribe((change) => heard.push(change))
  await healthy()
})
afterEach(async () => {
  await store.close()
  client.disconnect()
  await proxy.stop()
})

const healthy = (): Promise<void> => eventually(() => expect(store.isFeedHealthy()).toBe(true))
const states = (): string[] => heard.flatMap((change) => (change.type === 'state' ? [change.state] : []))
/** The feed's connection is the one that was made last. */
const isFeed = ({ number }: { readonly number: number }): boolean => number > 1

async function change(): Promise<string> {
  const record = someRecord()
  await store.create(record, write(record.commits[0]))
  return record.key
}

it('opens with a doubt that the first heartbeat ends', () => {
  expect(states()).toEqual(['suspect', 'coherent'])
})

it('a dropped connection is told at once, and the feed is coherent again after it has told so', async () => {
  heard = []
  proxy.dropConnections(isFeed)
  await eventually(() => expect(states()).toContain('detached'))
  expect(store.isFeedHealthy()).toBe(false)
  await healthy()
  expect(states()).toEqual(['detached', 'suspect', 'coherent'])
  const key = await change()
  await eventually(() => expect(heard).toContainEqual({ type: 'changed', key, revision: 1 }))
})

it('a connection that the server kills is replaced', async () => {
  heard = []
  const admin = new Redis(server.url)
  await admin.call('client', 'kill', 'type', 'pubsub')
  admin.disconnect()
  await eventually(() => expect(states()).toContain('detached'))
  await healthy()
})

it('a connection that is merely silent is doubted before two heartbeats have passed, and replaced', async () => {
  heard = []
  const startedAt = performance.now()
  proxy.swallow({ direction: 'down', only: isFeed })
  await eventually(() => expect(store.isFeedHealthy()).toBe(false))
  expect(performance.now() - startedAt).toBeLessThan(2_000)
  await eventually(() => expect(states()).toContain('detached'))
  await proxy.pass()
  await healthy()
  expect(states().at(-1)).toBe('coherent')
})

it('a late heartbeat makes the feed unhealthy while the process is busy, before any timer could tell', async () => {
  heard = []
  for (const end = performance.now() + 2_100; performance.now() < end;);
  expect(store.isFeedHealthy()).toBe(false)
  await healthy()
  expect(states()[0]).not.toBe('coherent')
})

it('a missing message is a doubt, and a conflict is none', async () => {
  const record = someRecord()
  await store.create(record, write(record.commits[0]))
  await eventually(() => expect(heard).toContainEqual({ type: 'changed', key: record.key, revision: 1 }))
  heard = []
  await store.update({ ...record, revision: 9 }, 8, write())
  const key = await change()
  await eventually(() => expect(heard).toContainEqual({ type: 'changed', key, revision: 1 }))
  expect(states()).toEqual([])
  const admin = new Redis(server.url)
  await admin.publish('holdfast:{feed}', 'somebody 7 -')
  await admin.publish('holdfast:{feed}', 'somebody 9 -')
  admin.disconnect()
  await eventually(() => expect(states()).toEqual(['suspect', 'coherent']))
})

it('states are told in order with changes, and ends of all processes are heard', async () => {
  const other = redisStore({ client })
  const record = someRecord()
  await other.create(record, write(record.commits[0]))
  await other.end(record.key, someTombstone({ id: record.id, reason: 'logout' }), write())
  await eventually(() =>
    expect(heard.filter((each) => each.type !== 'state')).toEqual([
      { type: 'changed', key: record.key, revision: 1 },
      { type: 'ended', key: record.key, reason: 'logout', id: record.id },
    ]),
  )
  await other.close()
})

it('the connection is opened by the first subscription and closed with the last', async () => {
  const idle = redisStore({ client })
  const before = proxy.connectionCount
  await wait(50)
  expect(proxy.connectionCount).toBe(before)
  const unsubscribe = idle.subscribe(() => {})
  await eventually(() => expect(idle.isFeedHealthy()).toBe(true))
  expect(proxy.connectionCount).toBe(before + 1)
  unsubscribe()
  await eventually(() => expect(proxy.connectionCount).toBe(before))
  expect(idle.isFeedHealthy()).toBe(false)
  await idle.close()
  expect(client.status).toBe('ready')
})
