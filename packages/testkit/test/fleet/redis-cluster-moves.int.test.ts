import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type RedisCluster, startRedisCluster } from '../../src/index.ts'
import { withRedis } from '../../src/servers/redis-client.ts'
import { endure } from './faults/endured.ts'
import { report } from './faults/report.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { SharedStore } from './shared-store.ts'

/** Where the change feed lies. */
const CHANNEL = 'holdfast:{feed}'
const MOVES = 12
const WITHIN = 2_000

describe('four processes over a Redis Cluster', () => {
  let cluster: RedisCluster
  let choice: SharedStore
  let fleet: Fleet

  beforeAll(async () => {
    cluster = await startRedisCluster()
    choice = { type: 'cluster', nodes: cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })) }
    fleet = await startFleet(() => ({ store: choice }))
  })

  afterAll(async () => {
    await fleet?.close()
    await cluster?.stop()
  })

  const slotOf = (key: string): Promise<number> =>
    withRedis(cluster.servers[0]!.url, async (client) => Number(await client.cluster('KEYSLOT', key)))

  it('lose nothing while slots move from one master to another, that of the feed too', async () => {
    const moves = async (): Promise<void> => {
      const channel = await slotOf(CHANNEL)
      const from = await cluster.masterOf(channel)
      const to = (await Promise.all([0, 8_192, 16_383].map((slot) => cluster.masterOf(slot)))).find(
        ({ port }) => port !== from.port,
      )!
      const keys = await withRedis(from.url, (client) => client.keys('holdfast:{*'))
      const slots = new Set([channel, ...(await Promise.all(keys.slice(0, MOVES).map(slotOf)))])
      expect(slots.size).toBeGreaterThan(5)
      for (const slot of slots) await cluster.migrateSlot(slot, from, to)
    }
    const ordeal = { name: 'Cluster, move', lasts: 0, strike: moves, heal: async () => {}, isFelt: false }
    report(`Cluster: ${MOVES} slots move, that of the feed too`, await endure(fleet, choice, ordeal))
  })

  it('undo no logout when the master of the feed is killed and its replica takes over', async () => {
    const measured = await endure(fleet, choice, {
      name: 'Cluster, kill',
      lasts: 0,
      strike: async () => cluster.killMaster(await slotOf(CHANNEL)),
      heal: () => cluster.waitHealthy(),
      loses: 'before heal',
      within: WITHIN,
    })
    report('Cluster: kill -9 of a master', measured)
  })
})
