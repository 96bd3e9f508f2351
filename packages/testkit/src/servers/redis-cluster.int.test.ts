import { Cluster } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type RedisCluster, startRedisCluster } from './redis-cluster.ts'
import { withRedis } from './redis-client.ts'

const SLOT_OF_A = 15495

let cluster: RedisCluster
let client: Cluster

beforeAll(async () => {
  cluster = await startRedisCluster()
  const hosts = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
  client = new Cluster(hosts, { retryDelayOnClusterDown: 50, clusterRetryStrategy: () => 50 })
  client.on('error', () => {})
})

afterAll(async () => {
  client.disconnect()
  await cluster.stop()
})

it('has three masters with all slots, and a replica for each', () => {
  expect(cluster.nodes.map(({ role }) => role)).toEqual(['master', 'master', 'master', 'replica', 'replica', 'replica'])
  expect(cluster.nodes.flatMap(({ slots }) => slots)).toEqual([
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
  ])
  expect(new Set(cluster.nodes.slice(3).map(({ masterId }) => masterId)).size).toBe(3)
  expect(cluster.nodes.map(({ port }) => port)).toEqual(cluster.servers.map(({ port }) => port))
})

it('moves a slot with its keys, open to be used on the way', async () => {
  const keys = Array.from({ length: 10 }, (_, index) => `{a}${index}`)
  await Promise.all(keys.map((key) => client.set(key, key)))
  const from = await cluster.masterOf(SLOT_OF_A)
  const to = await cluster.masterOf(0)
  let onTheWay: unknown[] = []
  await cluster.migrateSlot(SLOT_OF_A, from, to, async () => {
    const here = withRedis(to.url, (node) => node.dbsize())
    const asked = withRedis(from.url, (node) => node.get('{a}new').catch(String))
    onTheWay = [await here, await asked, await Promise.all(keys.map((key) => client.get(key)))]
  })
  expect(onTheWay).toEqual([5, expect.stringContaining(`ASK ${SLOT_OF_A} 127.0.0.1:${to.port}`), keys])
  await cluster.waitHealthy()
  expect(await cluster.masterOf(SLOT_OF_A)).toBe(to)
  expect(await withRedis(to.url, (node) => node.dbsize())).toBe(keys.length)
  expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
})

it('replaces a master that is killed, which comes back as a replica', async () => {
  await client.set('b', 1)
  await client.wait(1, 1_000)
  const slot = await client.cluster('KEYSLOT', 'b')
  const killed = await cluster.killMaster(slot)
  expect(killed.isRunning).toBe(false)
  await cluster.waitHealthy()
  expect(await cluster.masterOf(slot)).not.toBe(killed)
  expect(await client.get('b')).toBe('1')
  await killed.restart()
  await cluster.waitHealthy()
  expect(cluster.nodes.find(({ port }) => port === killed.port)?.role).toBe('replica')
})
