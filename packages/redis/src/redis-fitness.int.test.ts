/** What `sessions.ready()` looks at. */
import { startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { redisStore } from './index.ts'
import { call, someRecord, someTombstone, write } from './testing/records.ts'

const WELL = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1_000,
}

let server: RedisServer
let admin: Redis
const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
const codes = (): unknown[] => emitWarning.mock.calls.map(([, options]) => (options as { code?: unknown }).code)

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url)
})
beforeEach(() => {
  emitWarning.mockClear()
})
afterEach(async () => {
  await admin.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
})
afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

async function ping(options: object): Promise<void> {
  const client = new Redis(server.url, options).on('error', () => {})
  const store = redisStore({ client })
  try {
    await store.ping(call())
    await store.ping(call())
  } finally {
    await store.close()
    client.disconnect()
  }
}

it('a fit server and client are no news, also before the connection is made', async () => {
  await ping(WELL)
  await ping({ ...WELL, lazyConnect: true })
  expect(codes()).toEqual([])
})

it('settings that make requests wait are named once, with what to use', async () => {
  await ping({ ...WELL, maxRetriesPerRequest: null })
  await ping({})
  expect(codes()).toEqual(['WARN_REDIS_CLIENT', 'WARN_REDIS_CLIENT'])
  const [[one], [all]] = emitWarning.mock.calls as unknown as [[string], [string]]
  expect(one).toContain('`maxRetriesPerRequest: 0`')
  expect(one).not.toContain('commandTimeout')
  for (const name of Object.keys(WELL)) expect(all).toContain(`\`${name}: `)
})

it('a policy that evicts sessions is told, once there is a limit', async () => {
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await ping(WELL)
  expect(codes()).toEqual([])
  await admin.config('SET', 'maxmemory', '100mb')
  await ping(WELL)
  expect(codes()).toEqual(['WARN_REDIS_EVICTION'])
})

it('scripts that are refused are told by the name of the missing permission', async () => {
  await admin.call(
    'acl',
    'setuser',
    'poor',
    'on',
    '>x',
    '~*',
    '&*',
    '-@all',
    '+hello',
    '+auth',
    '+time',
    '+get',
    '+info',
  )
  const refused = ping({ ...WELL, username: 'poor', password: 'x' })
  await expect(refused).rejects.toMatchObject({ code: 'ERR_REDIS_UNFIT' })
  await expect(refused).rejects.toThrow(/evalsha/)
})

it('a server that says nothing of itself is not looked at further', async () => {
  await admin.call('acl', 'setuser', 'shy', 'on', '>x', '~*', '&*', '+@all', '-info', '-config')
  await admin.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
  await ping({ ...WELL, username: 'shy', password: 'x', enableReadyCheck: false })
  expect(codes()).toEqual([])
})

it('a server that is away is an error in time', async () => {
  const client = new Redis(1, { ...WELL, retryStrategy: () => 50 }).on('error', () => {})
  const store = redisStore({ client })
  await expect(store.ping({ signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: 'TimeoutError' })
  await store.close()
  client.disconnect()
})

it('an end that too few replicas confirm stands, and is told once or is an error', async () => {
  const client = new Redis(server.url)
  for (const ifFewer of ['warn', 'throw'] as const) {
    const store = redisStore({ client, durability: { replicas: 1, timeout: 10, ifFewer } })
    const other = redisStore({ client })
    for (let round = 0; round < 2; round += 1) {
      const record = someRecord()
      await store.create(record, write(record.commits[0]))
      const end = store.end(record.key, someTombstone(), write())
      if (ifFewer === 'warn') expect(await end).toMatchObject({ outcome: 'ended' })
      else await expect(end).rejects.toMatchObject({ code: 'ERR_REDIS_REPLICAS' })
      expect(await other.load(record.key, call())).toMatchObject({ outcome: 'ended' })
    }
    await Promise.all([store.close(), other.close()])
  }
  expect(codes()).toEqual(['WARN_REDIS_REPLICAS'])
  client.disconnect()
})
