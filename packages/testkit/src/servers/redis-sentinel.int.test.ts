import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type RedisSentinel, startRedisSentinel } from './redis-sentinel.ts'

let sentinel: RedisSentinel
let client: Redis

beforeAll(async () => {
  sentinel = await startRedisSentinel()
  const { name } = sentinel
  client = new Redis({
    sentinels: [...sentinel.sentinels],
    name,
    sentinelRetryStrategy: () => 50,
    maxRetriesPerRequest: null,
  })
  client.on('error', () => {})
})

afterAll(async () => {
  client.disconnect()
  await sentinel.stop()
})

it('has a master that two replicas follow', async () => {
  await client.set('a', 1)
  expect(await client.wait(2, 1_000)).toBe(2)
  expect(await sentinel.master()).toBe(sentinel.servers[0])
  expect(sentinel.sentinels).toHaveLength(3)
})

it('replaces a master that is killed', async () => {
  const killed = await sentinel.killMaster()
  const next = await sentinel.waitHealthy()
  expect(next).not.toBe(killed)
  expect(await client.get('a')).toBe('1')
  await killed.restart({ args: ['--replicaof', '127.0.0.1', String(next.port)] })
  expect(await sentinel.waitHealthy()).toBe(next)
})

it('replaces a master that is paused, and leaves it as it was when it is resumed', async () => {
  const paused = await sentinel.pauseMaster()
  await expect.poll(() => sentinel.master(), { timeout: 15_000 }).not.toBe(paused)
  expect(paused.isRunning).toBe(true)
  paused.resume()
})
