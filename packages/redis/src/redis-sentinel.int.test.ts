import { storeConformance } from '@holdfast/conformance'
import { type RedisSentinel, startRedisSentinel } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { takingTurns } from './testing/harness.ts'
import { call, renewalOf, someRecord, someTombstone, write } from './testing/records.ts'

let servers: RedisSentinel
let client: Redis

async function connect({ sentinels, name }: RedisSentinel): Promise<Redis> {
  const connected = new Redis({
    sentinels: [...sentinels],
    name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    retryStrategy: () => 100,
  })
  connected.setMaxListeners(0).on('error', () => {})
  await new Promise((resolve) => connected.once('ready', resolve))
  return connected
}

beforeAll(async () => {
  servers = await startRedisSentinel()
  client = await connect(servers)
})
afterAll(async () => {
  client.disconnect()
  await servers.stop()
})

storeConformance({
  name: 'Redis behind Sentinel, with ends that wait for a replica',
  runner: { describe: describe.concurrent, it },
  create: async () =>
    takingTurns({
      options: { client, durability: { replicas: 1 } },
      everywhere: async (run) => {
        const admin = new Redis((await servers.master()).url)
        await run(admin)
        admin.disconnect()
      },
    }),
})

describe('failover', () => {
  it('an end and a renewal that the new master does not know are told to it, and refused meanwhile', async () => {
    const store = redisStore({ client, prefix: 'forgotten' })
    const other = redisStore({ client, prefix: 'forgotten' })
    const [ended, renewed] = [someRecord(), someRecord()]
    for (const record of [ended, renewed]) await store.create(record, write(record.commits[0]))
    const master = await servers.master()
    // What is acknowledged from here on does not reach the replicas.
    await client.call('wait', 2, 1_000)
    const replicas = servers.servers.filter((server) => server !== master)
    const behind = await Promise.all(replicas.map(({ url }) => detach(url)))
    const renewal = renewalOf(renewed)
    await store.end(ended.key, someTombstone(), write())
    await store.renew(renewal, write(renewal.alias.commitId))
    await Promise.all(behind.map((restore) => restore()))
    await servers.killMaster()
    expect(await store.load(ended.key, call())).toMatchObject({ outcome: 'ended' })
    await eventually(async () => {
      expect(await other.load(ended.key, call())).toMatchObject({ outcome: 'ended' })
      expect(await other.load(renewed.key, call())).toMatchObject({ outcome: 'moved' })
    })
    await Promise.all([store.close(), other.close()])
  }, 60_000)
})

it('a master that is stopped in its tracks is left once the Sentinels have another', async () => {
  const own = await startRedisSentinel()
  const asking = await connect(own)
  const store = redisStore({ client: asking })
  const stopped = await own.pauseMaster()
  const startedAt = performance.now()
  const answered = new Promise<number>((resolve) => {
    const timer = setInterval(() => {
      store.load(someRecord().key, call()).then(
        () => {
          clearInterval(timer)
          resolve(performance.now() - startedAt)
        },
        () => {},
      )
    }, 100)
  })
  expect(await answered).toBeLessThan(8_000)
  stopped.resume()
  await store.close()
  asking.disconnect()
  await own.stop()
})

/** Keeps a replica from hearing of what comes, and lets it stay a replica; answers what ends that. */
async function detach(url: string): Promise<() => Promise<void>> {
  const admin = new Redis(url)
  await admin.config('SET', 'masterauth', 'wrong')
  await admin.call('client', 'kill', 'type', 'master')
  return async () => {
    await admin.config('SET', 'masterauth', '')
    admin.disconnect()
  }
}
