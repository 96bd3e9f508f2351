import { startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { redisStore } from '../index.ts'
import { call, nextOf, someRecord, write } from '../testing/records.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

async function connect(): Promise<Redis> {
  const client = new Redis(server.port, '127.0.0.1')
  await new Promise((resolve) => client.once('ready', resolve))
  return client
}

/** Counts how often a socket hands something to the system. */
function countWrites({ stream }: Redis): () => number {
  const socket = stream as unknown as { _write(...values: unknown[]): void; _writev(...values: unknown[]): void }
  const spies = [vi.spyOn(socket, '_write'), vi.spyOn(socket, '_writev')]
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
}

it('what is asked in one turn of the event loop leaves in one write, whoever asks', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const records = Array.from({ length: 20 }, () => someRecord())
  const [first] = records
  for (const record of records) await store.create(record, write(record.commits[0]))
  // The server learns the script.
  const second = nextOf(first!)
  await store.update(second, 1, write(second.commits[0]))
  const writes = countWrites(client)
  const next = nextOf(second)
  const answers = await Promise.all([
    ...records.map(({ key }) => store.load(key, call())),
    store.update(next, 2, write(next.commits[0])),
    client.get('something of the program'),
  ])
  expect(writes()).toBe(1)
  expect(answers.slice(0, 2)).toMatchObject([{ outcome: 'found' }, { outcome: 'found' }])
  expect(answers.at(-2)).toMatchObject({ outcome: 'updated' })
  await store.close()
  client.disconnect()
})

it('a turn of its own has a write of its own, and none waits for a timer', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const record = someRecord()
  await store.create(record, write(record.commits[0]))
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'setInterval'] })
  try {
    const writes = countWrites(client)
    for (const times of [1, 2, 3]) {
      await store.load(record.key, call())
      expect(writes()).toBe(times)
    }
  } finally {
    vi.useRealTimers()
  }
  await store.close()
  client.disconnect()
})

it('a socket that is replaced within the turn holds nothing back', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const lost = store.load(someRecord().key, call())
  client.disconnect(true)
  await new Promise((resolve) => client.once('ready', resolve))
  expect(await store.load(someRecord().key, call())).toMatchObject({ outcome: 'absent' })
  // Sent anew by ioredis, or refused by it: never forgotten.
  await lost.catch(() => {})
  await store.close()
  client.disconnect()
})
