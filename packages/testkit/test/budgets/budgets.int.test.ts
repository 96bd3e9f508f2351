/**
 * What a request may cost, counted and not timed: a machine that is busy with something else counts the same.
 *
 * Whoever makes a request cheaper lowers the budget. Whoever raises one says why in the commit.
 */
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { type Sessions, createSessions } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { digestOfToken } from '../../../core/src/mechanisms/token-digest.ts'

import {
  Browser,
  type Connections,
  type FaultProxy,
  type RedisServer,
  connections,
  faultProxy,
  startRedis,
} from '../../src/index.ts'
import { FLEET_ROUTES } from '../fleet/routes.ts'
import { type OpenedStore, openStore } from '../fleet/shared-store.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import type { Data, Site } from '../frameworks/site.ts'
import { BARE_SITES } from './bare-sites.ts'
import { countCrypto } from './crypto-counter.ts'
import { tracesOf } from './trace-counter.ts'

// Tokens are hashed by this, not by Node.
vi.mock(import('../../../core/src/mechanisms/token-digest.ts'), { spy: true })

/** For one request. Bytes are those to and from Redis, on all of the store's connections but the feed's heartbeat. */
interface Budget {
  readonly tokens: number
  readonly hashes: number
  readonly listeners: number
  readonly functions: number
  readonly roundTrips: number
  readonly bytes: number
}

const NOTHING: Budget = { tokens: 0, hashes: 0, listeners: 0, functions: 0, roundTrips: 0, bytes: 0 }

type Traces = Pick<Budget, 'listeners' | 'functions'>

/** What lies on a response once its session was changed: a gate. Fastify has hooks instead. */
const GATES: Readonly<Record<string, Traces>> = {
  'Express 5': { listeners: 1, functions: 7 },
  'Koa 3': { listeners: 2, functions: 7 },
  'Fastify 5': { listeners: 1, functions: 0 },
}

/** What lies there while it was only read: a `writeHead`, under its two names. */
const WATCHES: Readonly<Record<string, Traces>> = {
  'Express 5': { listeners: 0, functions: 2 },
  'Koa 3': { listeners: 0, functions: 2 },
  'Fastify 5': { listeners: 0, functions: 0 },
}

/** A session of one number and 350 bytes of text, signed in. */
const BUDGETS: readonly (readonly [what: string, path: string, budget: Partial<Budget>])[] = [
  ['without a cookie, untouched', 'GET /plain', NOTHING],
  ['with a cookie, untouched', 'GET /plain', { ...NOTHING, hashes: 1 }],
  ['that reads', 'GET /state', { tokens: 0, hashes: 1, roundTrips: 0, bytes: 0 }],
  ['that changes', 'POST /increment', { tokens: 0, hashes: 1, roundTrips: 1, bytes: 950 }],
]

const TIMES = 40

/** At most, and how often, in milliseconds. */
const HEARTBEAT = { every: 1000, roundTrips: 2, bytes: 600 }

describe.each(FRAMEWORKS)('on $name, a request', ({ name, serve }) => {
  let redis: RedisServer
  let proxy: FaultProxy
  let opened: OpenedStore
  let sessions: Sessions<Data>
  let site: Site
  let shared: Connections
  let bare: { listeners: number; functions: number }

  beforeAll(async () => {
    redis = await startRedis()
    proxy = await faultProxy({ port: redis.port })
    opened = await openStore({ type: 'redis', url: proxy.urlOf(redis.url), prefix: randomBytes(4).toString('hex') })
    sessions = createSessions<Data>({ store: opened.store, cache: { maxAge: '60s' }, storeDeadline: '10s' })
    site = await serve(FLEET_ROUTES, sessions)
    shared = connections()
    const plain = await BARE_SITES[name]!()
    bare = await tracesOf(() => new Browser(plain.url, shared).get('/plain'))
    await plain.close()
  })

  afterAll(async () => {
    shared.close()
    await site.close()
    await sessions.close()
    await opened.close()
    await proxy.stop()
    await redis.stop()
  })

  it.each(BUDGETS)('%s costs no more than its budget', async (what, route, budget) => {
    const user = new Browser(site.url, shared)
    if (!what.startsWith('without')) {
      await user.post('/login?user=ann')
      await user.post(`/set?name=text&value=${'x'.repeat(350)}`)
    }
    const [method = '', path = ''] = route.split(' ')
    const once = (): Promise<unknown> => user.send({ method, path })
    const many = async (): Promise<void> => {
      for (let times = 0; times < TIMES; times++) await once()
    }
    await many()
    vi.mocked(digestOfToken).mockClear()
    const { tokens, hashes } = await countCrypto(many)
    const digests = vi.mocked(digestOfToken).mock.calls.length
    const { listeners, functions } = await tracesOf(once)
    const spent = await whileCoherent(() => wire(many))
    const costs: Budget = {
      tokens: tokens / TIMES,
      hashes: (hashes + digests) / TIMES,
      listeners: listeners - bare.listeners,
      functions: functions - bare.functions,
      roundTrips: spent.roundTrips,
      bytes: spent.bytes,
    }
    const traces = method === 'GET' ? WATCHES[name] : GATES[name]
    for (const [item, most] of Object.entries({ ...traces, ...budget })) {
      expect(costs[item as keyof Budget], `${item} of a request ${what}`).toBeLessThanOrEqual(most)
    }
  })

  /** Measures again if the feed was in doubt meanwhile, as it is when this process was busy: copies do not count then. */
  async function whileCoherent<Measure>(measure: () => Promise<Measure>): Promise<Measure> {
    let hasDoubted = false
    const doubt = (): void => {
      hasDoubted = true
    }
    subscribe('holdfast:cache', doubt)
    try {
      for (let attempt = 0; attempt < 20; attempt++) {
        hasDoubted = opened.store.isFeedHealthy!() === false
        const measured = await measure()
        if (!hasDoubted && opened.store.isFeedHealthy!()) return measured
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      throw new Error('The change feed was never coherent for long enough.')
    } finally {
      unsubscribe('holdfast:cache', doubt)
    }
  }

  /** What one of many requests costs on the wire, without the heartbeats of the feed that fall between. */
  async function wire(action: () => Promise<unknown>): Promise<{ roundTrips: number; bytes: number }> {
    const total = (): number => proxy.bytes.up + proxy.bytes.down
    const before = { roundTrips: proxy.roundTrips, bytes: total(), at: performance.now() }
    await action()
    const beats = 1 + (performance.now() - before.at) / HEARTBEAT.every
    return {
      roundTrips: Math.max(
        0,
        Math.floor((proxy.roundTrips - before.roundTrips) / TIMES - (beats * HEARTBEAT.roundTrips) / TIMES + 0.5),
      ),
      bytes: Math.max(0, Math.floor((total() - before.bytes - beats * HEARTBEAT.bytes) / TIMES)),
    }
  }
})
