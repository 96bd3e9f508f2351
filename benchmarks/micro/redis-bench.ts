/** The verbs of the Redis store, and a raw GET beside them. */
import { startRedis } from '@holdfast/testkit'
import { Redis } from 'ioredis'

import { openStore } from '../contenders/holdfast/open-store.ts'
import { measureBatches } from './case.ts'
import { defineVerbs } from './verbs.ts'

export async function define(): Promise<() => Promise<void>> {
  const server = await startRedis()
  const client = new Redis(server.url)
  await client.set('raw', 'x'.repeat(350))
  measureBatches('redis: raw GET', () => client.get('raw'))
  const { store, close } = await openStore({ store: 'redis', redisUrl: server.url, postgresUrl: '' })
  await defineVerbs('redis', store)
  return async () => {
    await close()
    client.disconnect()
    await server.stop()
  }
}
