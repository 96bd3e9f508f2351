/** What can befall a Redis. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Redis } from 'ioredis'

import type { RedisServer } from '../../../src/index.ts'
import { redisInfo, withRedis } from '../../../src/servers/redis-client.ts'
import { until } from '../../../src/servers/until.ts'
import type { Ordeal } from './endured.ts'

/** What every server of these tests asks for, until it is changed. */
export const PASSWORD = 'first'

/** A server, and a connection to it that was made before anything befell it. */
export interface Target {
  readonly server: RedisServer
  readonly admin: Redis
}

export interface RedisFault extends Omit<Ordeal, 'strike' | 'heal'> {
  strike(target: Target): Promise<unknown>
  heal(target: Target): Promise<unknown>
}

/** Cuts every connection but the admin's, and answers how many there were. */
async function cutAll(admin: Redis): Promise<number> {
  const cut = await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  const cutFeeds = await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes')
  return Number(cut) + Number(cutFeeds)
}

const healed = async (): Promise<void> => {}

const SLOW_LOADING = ['--key-load-delay', '4000', '--loading-process-events-interval-bytes', '1024']

/** It goes on, and answers late or not at all. */
export const STALLS: readonly RedisFault[] = [
  {
    name: 'SIGSTOP for 4 s',
    lasts: 4_000,
    strike: async ({ server }) => server.pause(),
    heal: async ({ server }) => server.resume(),
  },
  {
    name: 'DEBUG SLEEP 2',
    lasts: 0,
    strike: ({ admin }) => admin.call('DEBUG', 'SLEEP', '2'),
    heal: healed,
  },
  {
    name: 'CLIENT KILL, all connections, ten times a second for 1 s',
    lasts: 0,
    // Requests wait a moment for the next connection, so that often none is refused: what was cut is counted instead.
    isFelt: false,
    strike: async ({ admin }) => {
      let cut = 0
      for (let times = 0; times < 10; times++) {
        cut += await cutAll(admin)
        await sleep(100)
      }
      if (cut < 40) throw new Error(`Only ${cut} connections of four processes were cut in ten blows.`)
    },
    heal: healed,
  },
]

/** It answers, and refuses. */
export const REFUSALS: readonly RedisFault[] = [
  {
    name: 'out of memory, noeviction',
    lasts: 1_500,
    strike: ({ admin }) => admin.config('SET', 'maxmemory', '1mb', 'maxmemory-policy', 'noeviction'),
    heal: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'READONLY: made a replica of a master that is away',
    lasts: 1_500,
    strike: ({ admin }) => admin.replicaof('127.0.0.1', 1),
    heal: ({ admin }) => admin.replicaof('NO', 'ONE'),
  },
  {
    name: 'maxclients reached, and all connections cut',
    lasts: 1_500,
    strike: async ({ admin }) => {
      await admin.config('SET', 'maxclients', '1')
      await cutAll(admin)
    },
    heal: ({ admin }) => admin.config('SET', 'maxclients', '10000'),
  },
  {
    name: 'password changed, and all connections cut',
    lasts: 1_500,
    strike: async ({ admin }) => {
      await admin.config('SET', 'requirepass', 'second')
      await cutAll(admin)
    },
    heal: ({ admin }) => admin.config('SET', 'requirepass', PASSWORD),
  },
]

/** It ends and comes back, with what it had or without. For a server that appends to a file. */
export const RESTARTS: readonly RedisFault[] = [
  {
    name: 'kill -9, restart with all it had (appendonly)',
    lasts: 1_500,
    strike: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  },
  {
    name: 'LOADING for about a second after kill -9',
    lasts: 0,
    strike: async ({ server }) => {
      await withRedis(server.url, (client) => client.bgrewriteaof())
      await until(async () => (await redisInfo(server.url, 'persistence')).get('aof_rewrite_in_progress') === '0', {
        what: 'the append-only file to be rewritten',
      })
      await server.kill()
      await server.restart({ args: SLOW_LOADING, until: 'answering' })
    },
    heal: ({ server }) =>
      until(async () => (await redisInfo(server.url, 'persistence')).get('loading') === '0', {
        what: 'the data to be loaded',
        every: 5,
      }),
  },
  {
    name: 'kill -9, restart with what it had half a second before',
    lasts: 1_000,
    strike: async ({ server }) => {
      await withRedis(server.url, async (client) => {
        await client.config('SET', 'appendonly', 'no')
        await client.save()
      })
      await sleep(500)
      await server.kill()
    },
    heal: ({ server }) => server.restart({ args: ['--appendonly', 'no', '--key-load-delay', '0'] }),
    loses: 'before strike',
  },
  {
    name: 'kill -9, restart without data',
    lasts: 1_000,
    strike: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart({ keepData: false }),
    loses: 'before strike',
  },
  {
    name: 'FLUSHALL',
    // As long as copies live, although none may be shown for so long.
    lasts: 5_000,
    strike: ({ server }) => withRedis(server.url, (client) => client.flushall()),
    heal: healed,
    loses: 'before strike',
    isFelt: false,
  },
]
