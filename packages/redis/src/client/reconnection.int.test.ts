import { measureLoopDelay, startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../index.ts'
import { call, nextOf, someRecord, write } from '../testing/records.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

async function connect(): Promise<Redis> {
  const client = new Redis(server.port, '127.0.0.1', {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  })
  client.on('error', () => {})
  await new Promise((resolve) => client.once('ready', resolve))
  return client
}

describe('a connection that is lost', () => {
  it('is waited for by whoever asks next', async () => {
    const client = await connect()
    const store = redisStore({ client })
    const record = someRecord()
    await store.create(record, write(record.commits[0]))
    const lost = new Promise((resolve) => client.once('close', resolve))
    client.disconnect(true)
    await lost
    const next = nextOf(record)
    const [loaded, updated] = await Promise.all([
      store.load(record.key, call()),
      store.update(next, 1, write(next.commits[0])),
    ])
    expect([loaded.outcome, updated.outcome]).toEqual(['found', 'updated'])
    await store.close()
    client.disconnect()
  })

  it('is waited for no longer than 100 ms after the loss, and not at all when it stays away', async () => {
    const client = await connect()
    const listeners = (): number[] => ['close', 'ready'].map((event) => client.listenerCount(event))
    const before = listeners()
    const store = redisStore({ client })
    expect(listeners()).not.toEqual(before)
    const { key } = someRecord()
    await store.load(key, call())
    const lost = new Promise((resolve) => client.once('close', resolve))
    await server.kill()
    await lost
    const loop = measureLoopDelay()
    const startedAt = performance.now()
    await expect(store.load(key, call())).rejects.toThrow("Stream isn't writeable")
    const first = performance.now() - startedAt
    await expect(store.load(key, call())).rejects.toThrow("Stream isn't writeable")
    const second = performance.now() - startedAt - first
    const slack = 5 * loop.stop()
    expect(first).toBeLessThan(100 + slack)
    expect(first).toBeGreaterThan(50)
    expect(second).toBeLessThan(20 + slack)
    const again = new Promise((resolve) => client.once('ready', resolve))
    await server.restart()
    await again
    await store.close()
    expect(listeners()).toEqual(before)
    client.disconnect()
  })
})
