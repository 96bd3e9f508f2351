/** That a server which has lost its data is noticed within a heartbeat, although nobody tells. */
import { setTimeout as wait } from 'node:timers/promises'
import { type Sessions, createSessions } from '@holdfast/core'
import { measureLoopDelay, startRedis, startRedisCluster, type RedisServer } from '@holdfast/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisStore, type RedisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { call, renewalOf, someRecord, someTombstone, write } from './testing/records.ts'

const CHANNEL = 'holdfast:{feed}'
const TWO_HEARTBEATS = 2_000

let server: RedisServer
let admin: Redis
let client: Redis
let closing: (() => unknown)[]

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url)
})
afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

beforeEach(async () => {
  await admin.flushall()
  client = new Redis(server.url)
  closing = []
})
afterEach(async () => {
  for (const close of closing) await close()
  client.disconnect()
})

function openStore(): RedisStore {
  const store = redisStore({ client })
  closing.push(() => store.close())
  return store
}

/** A store that listens, with the states that it has told since its first heartbeat, and the keys of what changed. */
async function listening(store = openStore()): Promise<{ store: RedisStore; states: string[]; keys: string[] }> {
  const [states, keys]: [string[], string[]] = [[], []]
  store.subscribe((change) => {
    if (change.type === 'state') states.push(change.state)
    else keys.push(change.key)
  })
  await eventually(() => expect(store.isFeedHealthy()).toBe(true))
  states.length = 0
  return { store, states, keys }
}

/** All that is published from now on. */
async function messages(): Promise<string[]> {
  const heard: string[] = []
  const ear = new Redis(server.url)
  closing.push(() => ear.disconnect())
  ear.on('message', (_, text) => heard.push(text))
  await ear.subscribe(CHANNEL)
  return heard
}

const markIn = (beat: string): string | undefined => / b \d+ (\S+)$/.exec(beat)?.[1]

describe('copies of a server that is emptied', () => {
  /** An engine whose copies are shown for a minute, if nobody is in doubt. */
  async function startEngine(): Promise<Sessions> {
    const { store } = await listening()
    const sessions = createSessions({ store, cache: { maxAge: '60s' } })
    closing.push(() => sessions.close())
    return sessions
  }

  async function signIn(sessions: Sessions): Promise<string> {
    let cookie = ''
    const session = await sessions.open({
      header: () => undefined,
      secure: true,
      appendHeader: (_, value) => (cookie ||= /^[^;]*/.exec(value)?.[0] ?? ''),
    })
    session.login('me')
    await session.commit()
    return cookie
  }

  const visit = (sessions: Sessions, cookie: string) =>
    sessions.open({ header: (name) => (name === 'cookie' ? cookie : undefined), secure: true, appendHeader: () => {} })

  it.each(['flushall', 'flushdb'] as const)('are shown no longer than two heartbeats after %s', async (command) => {
    const [one, other] = await Promise.all([startEngine(), startEngine()])
    const cookie = await signIn(one)
    for (const sessions of [one, other]) expect((await visit(sessions, cookie)).subject).toBe('me')
    const loop = measureLoopDelay()
    await admin[command]()
    const wipedAt = performance.now()
    // A process that has no copy finds nothing there that it could end.
    const elsewhere = createSessions({ store: openStore(), cache: false })
    const session = await visit(elsewhere, cookie)
    session.logout()
    await session.commit()
    let shownAt = wipedAt
    const isShown = async (sessions: Sessions): Promise<boolean> => (await visit(sessions, cookie)).subject === 'me'
    while (performance.now() - wipedAt < 2 * TWO_HEARTBEATS) {
      const shown = await Promise.all([one, other].map(isShown))
      if (shown.includes(true)) shownAt = performance.now()
      await wait(20)
    }
    expect(shownAt - wipedAt).toBeLessThan(TWO_HEARTBEATS + 5 * loop.stop())
    await elsewhere.close()
  })
})

describe('a doubt', () => {
  it('is told to everybody when the mark is lost, by whatever means', async () => {
    const all = await Promise.all([listening(), listening(), listening()])
    const heard = await messages()
    await admin.del(CHANNEL)
    for (const { states } of all) await eventually(() => expect(states).toEqual(['suspect', 'coherent']))
    const mark = await admin.get(CHANNEL)
    await eventually(() => {
      const latest = new Map(heard.map((beat) => [beat.split(' ')[0], markIn(beat)]))
      expect([...latest.values()]).toEqual([mark, mark, mark])
    })
  })

  it('is told when a wipe and the next mark fall between two heartbeats of a process', async () => {
    const { states } = await listening()
    await admin.multi().flushall().set(CHANNEL, 'another').publish(CHANNEL, 'newcomer 0 b 1 another').exec()
    await eventually(() => expect(states).toEqual(['suspect', 'coherent']))
    expect(await admin.get(CHANNEL)).toBe('another')
  })

  it('comes of no heartbeats but those that tell another mark than before', async () => {
    const { states, keys } = await listening()
    let told = 0
    const tell = async (...beats: string[]): Promise<void> => {
      told += 1
      for (const message of [...beats, `d ${told} c key-${told} 1`]) await admin.publish(CHANNEL, message)
      await eventually(() => expect(keys).toContain(`key-${told}`))
    }
    // The second is one of a store in another database, the third an older version.
    await tell('a 7 b 1 mark', 'b 7 b 1 other', 'c 7 b 1', 'a 7 b 2 mark', 'b 7 b 2 other', 'c 7 b 2')
    expect(states).toEqual([])
    await tell('b 7 b 3 new')
    await eventually(() => expect(states).toEqual(['suspect', 'coherent']))
    await tell('c 9 b 3')
    await eventually(() => expect(states).toEqual(['suspect', 'coherent', 'suspect', 'coherent']))
  })

  it('is not told by the heartbeats of a server that keeps its data', async () => {
    await Promise.all([listening(), listening()])
    const heard = await messages()
    await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(8))
    expect(new Set(heard.map(markIn))).toEqual(new Set([await admin.get(CHANNEL)]))
    expect(await admin.pttl(CHANNEL)).toBe(-1)
  })

  it('is told by a full Redis too, which takes the new mark', async () => {
    const { states } = await listening()
    const mark = await admin.get(CHANNEL)
    await admin.multi().config('SET', 'maxmemory', '1').flushall().exec()
    try {
      await expect(admin.set('anything', 'else')).rejects.toThrow('OOM')
      await eventually(() => expect(states).toEqual(['suspect', 'coherent']))
      expect(await admin.get(CHANNEL)).toMatch(/^[\w-]{11}$/)
      expect(await admin.get(CHANNEL)).not.toBe(mark)
    } finally {
      await admin.config('SET', 'maxmemory', '0')
    }
  })

  it('is told by a server that refuses to write, whose heartbeats go on', async () => {
    const { states } = await listening()
    const heard = await messages()
    await admin.multi().flushall().config('SET', 'min-replicas-to-write', '1').exec()
    try {
      await eventually(() => expect(states).toEqual(['suspect', 'coherent']))
      expect(markIn(heard.at(-1) ?? '')).toBe('-')
    } finally {
      await admin.config('SET', 'min-replicas-to-write', '0')
    }
    await eventually(() => expect(markIn(heard.at(-1) ?? '')).toMatch(/^[\w-]{11}$/))
  })
})

it('ends and renewals survive a wipe, even of the scripts', async () => {
  const [{ store }, stranger] = [await listening(), openStore()]
  const [ended, renewed] = [someRecord(), someRecord()]
  for (const record of [ended, renewed]) await store.create(record, write(record.commits[0]))
  const saved = await admin.dumpBuffer(`holdfast:{${renewed.key}}`)
  await store.end(ended.key, someTombstone(), write())
  const renewal = renewalOf(renewed)
  await store.renew(renewal, write(renewal.alias.commitId))
  // As a server that has gone back to what it was.
  await admin.multi().flushall().script('FLUSH').restore(`holdfast:{${renewed.key}}`, 60_000, saved).exec()
  await eventually(async () => expect(await stranger.load(ended.key, call())).toMatchObject({ outcome: 'ended' }))
  await eventually(async () => {
    expect(await stranger.load(renewed.key, call())).toMatchObject({ outcome: 'moved', alias: renewal.alias })
  })
})

describe('in a Cluster', () => {
  it('a wipe is told as a doubt, and what had ended stays so', async () => {
    const servers = await startRedisCluster({ replicas: 0 })
    const cluster = new Cluster(servers.servers.map(({ port }) => ({ host: '127.0.0.1', port })))
    const stores = [redisStore({ client: cluster }), redisStore({ client: cluster })] as const
    const stranger = redisStore({ client: cluster })
    try {
      const [one, other] = await Promise.all([listening(stores[0]), listening(stores[1])])
      const record = someRecord()
      await stores[0].create(record, write(record.commits[0]))
      await stores[0].end(record.key, someTombstone(), write())
      await Promise.all(cluster.nodes('master').map((node) => node.flushall()))
      for (const each of [one, other]) await eventually(() => expect(each.states).toEqual(['suspect', 'coherent']))
      expect(await cluster.get(CHANNEL)).toMatch(/^[\w-]{11}$/)
      await eventually(async () => expect(await stranger.load(record.key, call())).toMatchObject({ outcome: 'ended' }))
    } finally {
      await Promise.all([...stores, stranger].map((store) => store.close()))
      cluster.disconnect()
      await servers.stop()
    }
  })
})
