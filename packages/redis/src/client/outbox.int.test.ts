import { startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Exchange, createSessions } from '@holdfast/core'
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

/** Asks until it has left in one write: on a busy machine a turn may have been long, and then commands go one by one. */
async function inOneWrite(writes: () => number, ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const before = writes()
    await ask()
    if (writes() === before + 1) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('It never left in one write.')
}

it('what is asked in one turn of the event loop leaves in one write, whoever asks', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const records = Array.from({ length: 20 }, () => someRecord())
  for (const record of records) await store.create(record, write(record.commits[0]))
  let [latest] = records
  const ask = async (): Promise<void> => {
    const next = nextOf(latest!)
    const answers = await Promise.all([
      ...records.map(({ key }) => store.load(key, call())),
      store.update(next, latest!.revision, write(next.commits[0])),
      client.get('something of the program'),
    ])
    expect(answers.map((answer) => (answer as { outcome?: string } | null)?.outcome)).toEqual([
      ...records.map(() => 'found'),
      'updated',
      undefined,
    ])
    latest = next
  }
  await inOneWrite(countWrites(client), ask)
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

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

it('after a long turn commands go at once for four times as long', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const record = someRecord()
  await store.create(record, write(record.commits[0]))
  const loading = store.load(record.key, call())
  block(30)
  await loading
  const writes = countWrites(client)
  await Promise.all([1, 2, 3].map(() => store.load(record.key, call())))
  expect(writes()).toBe(3)
  await inOneWrite(writes, () => Promise.all([1, 2, 3].map(() => store.load(record.key, call()))))
  await store.close()
  client.disconnect()
})

it('in a long turn of many questions, each sends those that have been held for two milliseconds', async () => {
  const client = await connect()
  const store = redisStore({ client })
  const keys = [1, 2, 3, 4].map(() => someRecord().key)
  const writes = countWrites(client)
  const loading = keys.map((key) => {
    const answer = store.load(key, call())
    block(3)
    return answer
  })
  expect(writes()).toBe(3)
  expect(await Promise.all(loading)).toMatchObject(keys.map((key) => ({ outcome: 'absent', key })))
  await store.close()
  client.disconnect()
})

it('what was asked just before a turn that outlasts the deadline is answered all the same', async () => {
  const client = await connect()
  const sessions = createSessions<{ n: number }>({
    store: redisStore({ client }),
    cache: false,
    storeDeadline: '250ms',
  })
  const cookies: string[] = []
  const exchange = (cookie?: string): Exchange => ({
    secure: false,
    header: (name) => (name === 'cookie' ? cookie : undefined),
    appendHeader: (name, value) => void (name === 'Set-Cookie' && cookies.push(value.split(';')[0]!)),
  })
  const first = await sessions.open(exchange())
  first.set('n', 1)
  await first.commit()
  // What came before may have been a long turn. Timers that are due come next in a turn that begins with a timer, and
  // only then what the turn has gathered.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const opening = sessions.open(exchange(cookies[0]))
  block(400)
  const session = await opening
  expect(session.get('n')).toBe(1)
  session.increment('n')
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const saving = session.commit()
  block(400)
  await saving
  expect(session.get('n')).toBe(2)
  await sessions.close()
  client.disconnect()
})
