import { storeConformance } from '@holdfast/conformance'
import { type RedisCluster, startRedisCluster } from '@holdfast/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { takingTurns } from './testing/harness.ts'

let servers: RedisCluster
let client: Cluster

beforeAll(async () => {
  servers = await startRedisCluster()
  client = new Cluster(servers.servers.map(({ port }) => ({ host: '127.0.0.1', port })))
})
afterAll(async () => {
  client.disconnect()
  await servers.stop()
})

storeConformance({
  name: 'Redis Cluster',
  runner: { describe: describe.concurrent, it },
  create: async () =>
    takingTurns({
      options: { client },
      everywhere: (run) => Promise.all(client.nodes('master').map((node) => run(node))),
    }),
})
