import { createSessions, type SessionStore } from '@holdfast/core'
import { redisStore, type RedisStore } from '@holdfast/redis'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'

const nodes = [{ host: '127.0.0.1', port: 7000 }]

export const stores: RedisStore[] = [
  redisStore({ client: new Redis() }),
  redisStore({ client: new Redis({ sentinels: nodes, name: 'main' }), prefix: 'app', durability: { replicas: 1 } }),
  redisStore({ client: new Cluster(nodes) }),
  redisStore({ client: new Redis5() }),
  redisStore({ client: new Cluster5(nodes), durability: false }),
]

const store: SessionStore = redisStore({ client: new Redis() })
createSessions({ store })

// @ts-expect-error -- the option is misspelt
redisStore({ client: new Redis(), prefx: 'app' })

// @ts-expect-error -- an address is no client
redisStore({ client: 'redis://127.0.0.1:6379' })

// @ts-expect-error -- there is no client
redisStore({ prefix: 'app' })
