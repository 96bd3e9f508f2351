import { redisStore } from '@holdfast/redis'
import { Redis } from 'ioredis'

import type { ShopStore } from '../store.ts'
import { readUrl, unusable } from './server-url.ts'

/** How long the server may take until it answers at the start, in milliseconds. */
const PATIENCE = 5000

export async function openRedis({ REDIS_URL }: NodeJS.ProcessEnv): Promise<ShopStore> {
  const url = readUrl('REDIS_URL', REDIS_URL, 'redis://127.0.0.1:6379', ['redis:', 'rediss:'])
  // No command waits for a server that is away, and none is sent twice.
  const client = new Redis(url.href, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1000,
    commandTimeout: 1000,
    retryStrategy: (attempt) => Math.min(20 * attempt, 200),
  })
  let latestError: Error | undefined
  client.on('error', (error: Error) => {
    latestError = error
  })
  const store = redisStore({ client, prefix: 'shop' })
  try {
    await store.ping({ signal: AbortSignal.timeout(PATIENCE) })
  } catch (error) {
    client.disconnect()
    throw unusable('Redis', 'REDIS_URL', url, latestError ?? error)
  }
  return { label: 'Redis', store, close: async () => client.disconnect() }
}
