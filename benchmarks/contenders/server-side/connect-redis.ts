import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'

/** connect-redis over node-redis, which is the one client that it takes. */
export async function connectRedis(url: string): Promise<RedisStore> {
  const client = createClient({ url })
  await client.connect()
  return new RedisStore({ client })
}
