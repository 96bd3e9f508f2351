/** What becomes of sessions when a server forgets, fills up, comes back empty, or answers out of step. */
import { faultProxy, startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { call, nextOf, randomText, renewalOf, someRecord, someTombstone, write } from './testing/records.ts'

let server: RedisServer
let client: Redis

function connect(port: number): Redis {
  const connected = new Redis(port, '127.0.0.1', {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    retryStrategy: () => 20,
  })
  return connected.on('error', () => {})
}

beforeAll(async () => {
  server = await startRedis()
  client = connect(server.port)
  await new Promise((resolve) => client.once('ready', resolve))
})
beforeEach(async () => {
  await eventually(() => client.flushall())
})
afterAll(async () => {
  client.disconnect()
  await server.stop()
})

const commitOf = ({ commits }: { readonly commits: readonly string[] }): string => commits[0] ?? ''

it('scripts that the server has forgotten are brought back, in a pipeline too', async () => {
  const store = redisStore({ client })
  const records = Array.from({ length: 5 }, () => someRecord())
  await client.script('FLUSH')
  for (const record of records) {
    expect(await store.create(record, write(commitOf(record)))).toMatchObject({ outcome: 'created' })
  }
  await client.script('FLUSH')
  const idleUntil = Date.now() + 3_600_000
  await store.touch(
    records.map(({ key }) => ({ key, idleUntil })),
    call(),
  )
  for (const { key } of records) expect(await store.load(key, call())).toMatchObject({ outcome: 'found', idleUntil })
  const [record = someRecord()] = records
  await client.script('FLUSH')
  const next = nextOf(record)
  expect(await store.update(next, 1, write(commitOf(next)))).toMatchObject({ outcome: 'updated' })
  await client.script('FLUSH')
  const renewal = renewalOf(next)
  expect(await store.renew(renewal, write(renewal.alias.commitId))).toMatchObject({ outcome: 'renewed' })
  await client.script('FLUSH')
  expect(await store.end(record.key, someTombstone(), write())).toMatchObject({ outcome: 'ended' })
  await store.close()
})

describe('a full Redis', () => {
  const fill = async (): Promise<void> => {
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', String(used - 1_000))
  }

  it('refuses what makes it fuller, and still ends, touches and answers', async () => {
    const [store, other] = [redisStore({ client }), redisStore({ client })]
    const [record, touched] = [someRecord(), someRecord()]
    for (const each of [record, touched]) await store.create(each, write(commitOf(each)))
    await fill()
    try {
      await expect(store.create(someRecord(), write())).rejects.toThrow('OOM')
      const next = nextOf(record)
      await expect(store.update(next, 1, write(commitOf(next)))).rejects.toThrow('OOM')
      const idleUntil = touched.idleUntil + 60_000
      await store.touch([{ key: touched.key, idleUntil }], call())
      expect(await other.load(touched.key, call())).toMatchObject({ outcome: 'found', idleUntil })
      expect(await store.end(record.key, someTombstone(), write())).toMatchObject({ outcome: 'ended' })
      expect(await other.load(record.key, call())).toMatchObject({ outcome: 'ended' })
    } finally {
      await client.config('SET', 'maxmemory', '0')
    }
    const next = nextOf(record)
    expect(await other.update(next, 1, write(commitOf(next)))).toMatchObject({ outcome: 'ended' })
    await Promise.all([store.close(), other.close()])
  })
})

describe('a server that comes back', () => {
  it('empty: what had ended stays ended, and what is gone is unknown', async () => {
    const [store, hearing, other] = [redisStore({ client }), redisStore({ client }), redisStore({ client })]
    const heard: string[] = []
    hearing.subscribe((change) => change.type === 'ended' && heard.push(change.key))
    await eventually(() => expect(hearing.isFeedHealthy()).toBe(true))
    const [ended, living] = [someRecord(), someRecord()]
    for (const each of [ended, living]) await store.create(each, write(commitOf(each)))
    await store.end(ended.key, someTombstone(), write())
    await store.close()
    // A server that is killed between its answer and its message is heard by nobody.
    await eventually(() => expect(heard).toContain(ended.key))
    await server.restart({ keepData: false })
    // Only what was heard is left now: the one who made the end is gone.
    await eventually(async () => expect(await other.load(ended.key, call())).toMatchObject({ outcome: 'ended' }))
    expect(await hearing.load(ended.key, call())).toMatchObject({ outcome: 'ended' })
    expect(await hearing.create(ended, write(commitOf(ended)))).toMatchObject({ outcome: 'ended' })
    expect(await other.load(living.key, call())).toMatchObject({ outcome: 'absent' })
    await Promise.all([hearing.close(), other.close()])
  })

  it('with what it had saved before: an end since then is not undone', async () => {
    const [store, other] = [redisStore({ client }), redisStore({ client })]
    const record = someRecord()
    await store.create(record, write(commitOf(record)))
    const saved = await client.dumpBuffer(`holdfast:{${record.key}}`)
    await store.end(record.key, someTombstone(), write())
    await server.restart({ keepData: false })
    const admin = new Redis(server.url)
    await eventually(async () => expect(await other.load(record.key, call())).toMatchObject({ outcome: 'ended' }))
    await admin.restore(`holdfast:{${record.key}}`, 60_000, saved, 'REPLACE')
    expect(await other.load(record.key, call())).toMatchObject({ outcome: 'found' })
    expect(await store.load(record.key, call())).toMatchObject({ outcome: 'ended' })
    const next = nextOf(record)
    expect(await store.update(next, 1, write(commitOf(next)))).toMatchObject({ outcome: 'ended' })
    admin.disconnect()
    await Promise.all([store.close(), other.close()])
  })
})

describe('replies that belong to another question', () => {
  it('are never answered as that key’s, found or not, and reset makes a new connection', async () => {
    const proxy = await faultProxy({ port: server.port })
    const shifted = connect(proxy.port)
    await new Promise((resolve) => shifted.once('ready', resolve))
    const store = redisStore({ client: shifted })
    const records = Array.from({ length: 20 }, (_, index) => someRecord({ body: Buffer.alloc(40, index) }))
    for (const record of records) await store.create(record, write(commitOf(record)))
    const mismatches: string[] = []
    const load = async (key: string): Promise<void> => {
      const answer = await store.load(key, call())
      // As the engine does.
      if (answer.key === key) {
        if (answer.outcome === 'found') expect(answer.record.key).toBe(key)
        expect(answer.outcome).toBe(records.some((record) => record.key === key) ? 'found' : 'absent')
      } else {
        mismatches.push(key)
        store.reset(new Error('shifted'))
      }
    }
    // The first reply is lost; from then on each question gets the answer to the next one.
    for (const next of [records[1]?.key ?? '', randomText(16)]) {
      await eventually(() => load(records[0]?.key ?? ''))
      const lost = proxy.loseNextReply()
      const asked = [load(records[0]?.key ?? '')]
      await lost
      for (const key of [next, randomText(16), ...records.map((record) => record.key)]) asked.push(load(key))
      const outcomes = await Promise.allSettled(asked)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(String(outcome.reason)).not.toContain('AssertionError')
      }
    }
    expect(mismatches.length).toBeGreaterThan(1)
    await proxy.pass()
    await eventually(async () => {
      for (const { key, body } of records) {
        expect(await store.load(key, call())).toMatchObject({
          outcome: 'found',
          key,
          record: { key, body: new Uint8Array(body) },
        })
      }
    })
    expect(proxy.connectionsMade).toBeGreaterThan(1)
    await store.close()
    shifted.disconnect()
    await proxy.stop()
  })
})
