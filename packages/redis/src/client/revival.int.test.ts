import { type RedisSentinel, startRedisSentinel } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../index.ts'
import { eventually } from '../testing/eventually.ts'
import { call, someRecord } from '../testing/records.ts'

let servers: RedisSentinel
beforeAll(async () => {
  servers = await startRedisSentinel()
})
afterAll(() => servers.stop())

describe.each([
  ['ioredis 6', (options: object) => new Redis(options)],
  ['ioredis 5', (options: object) => new Redis5(options)],
] as const)('a client of %s', (_, make) => {
  const connect = async (): Promise<Redis | Redis5> => {
    const client = make({
      sentinels: [...servers.sentinels],
      name: servers.name,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 1_000,
      failoverDetector: true,
      retryStrategy: () => 20,
    })
    client.on('error', () => {})
    await new Promise((resolve) => client.once('ready', resolve))
    return client
  }

  it('that ended since another master was told of while it asked for one is connected again', async () => {
    const client = await connect()
    const store = redisStore({ client })
    const ended = new Promise((resolve) => client.once('end', resolve))
    client.once('connecting', () => {
      // As the news of another master do.
      ;(Reflect.get(client, 'connector') as { disconnect(): void }).disconnect()
    })
    client.disconnect(true)
    await ended
    await eventually(async () => {
      expect(await store.load(someRecord().key, call())).toMatchObject({ outcome: 'absent' })
    })
    await store.close()
    client.disconnect()
  })

  it('that somebody closed stays closed', async () => {
    const client = await connect()
    const store = redisStore({ client })
    client.disconnect()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(client.status).toBe('end')
    await store.close()
  })
})
