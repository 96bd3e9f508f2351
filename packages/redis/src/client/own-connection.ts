import { destroyStream, type Deployment } from './deployment.ts'
import type { RedisClient } from './redis-client.ts'

/** What the store's own connections have instead of the settings of the user's client: they are given up, not repaired. */
const OWN_CONNECTION: object = {
  lazyConnect: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  enableOfflineQueue: true,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: undefined,
  connectTimeout: 1_000,
}

/** Opens a connection to the server that a key lies on; `undefined` while a Cluster client does not know it. */
export function openOwn(deployment: Deployment, key: string, onLost: () => void): RedisClient | undefined {
  const client = deployment.open(key, OWN_CONNECTION)
  client?.on('error', () => {})
  client?.on('end', onLost)
  client?.on('close', onLost)
  return client
}

/** Closes a connection of the store's own, at once. */
export function closeOwn(client: RedisClient): void {
  destroyStream(client)
  client.disconnect()
}
