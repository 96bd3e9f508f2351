/** What lies in Redis, how large it is, and how many commands that takes. */
import { randomBytes } from 'node:crypto'
import { createSessions } from '@holdfast/core'
import { monitorRedis, type RedisMonitor, startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisStore } from './index.ts'
import { call, nextOf, randomText, renewalOf, someRecord, someTombstone, write } from './testing/records.ts'

let server: RedisServer
let client: Redis
let monitor: RedisMonitor

beforeAll(async () => {
  server = await startRedis()
  client = new Redis(server.url)
  monitor = await monitorRedis(server.url)
})
beforeEach(() => client.flushall())
afterAll(async () => {
  client.disconnect()
  monitor.stop()
  await server.stop()
})

const commitOf = ({ commits }: { readonly commits: readonly string[] }): string => commits[0] ?? ''

async function sizeOf(key: string): Promise<number> {
  return (await client.memory('USAGE', key)) ?? 0
}

/** A record after some commits, as an application writes it. */
const typical = {
  commits: Array.from({ length: 4 }, () => randomText(8)),
  authenticatedAt: Date.now(),
  subject: 'user-42',
}

describe('size', () => {
  it('a record with a payload of 400 bytes takes at most 680 bytes, and 840 with its index', async () => {
    const store = redisStore({ client })
    const record = someRecord({ ...typical, body: randomBytes(400) })
    await store.create(record, write(commitOf(record)))
    const [index = '', ...none] = await client.keys('holdfast:{u:*')
    expect(none).toEqual([])
    const bytes = await sizeOf(`holdfast:{${record.key}}`)
    const [indexBytes, length] = [await sizeOf(index), await client.strlen(`holdfast:{${record.key}}`)]
    expect(length - 400).toBeLessThanOrEqual(100)
    expect(bytes).toBeLessThanOrEqual(680)
    expect(bytes + indexBytes).toBeLessThanOrEqual(840)
    await store.close()
  })
})

it('a prefix need not be ASCII', async () => {
  const store = redisStore({ client, prefix: 'bücher-商店' })
  const record = someRecord()
  const next = nextOf(record)
  const { key } = record
  expect(await store.create(record, write(commitOf(record)))).toEqual({ outcome: 'created', key })
  expect(await store.update(next, record.revision, write(commitOf(next)))).toEqual({ outcome: 'updated', key })
  expect(await store.load(key, call())).toMatchObject({ outcome: 'found', record: { revision: next.revision } })
  expect(await store.end(key, someTombstone(), write())).toEqual({ outcome: 'ended', key })
  await store.close()
})

describe('what a renewal leaves', () => {
  it('takes at most 152 bytes, or 216 with a sealed token', async () => {
    const store = redisStore({ client })
    for (const { grace, most } of [
      { grace: 0, most: 152 },
      { grace: 60_000, most: 216 },
    ]) {
      const record = someRecord()
      await store.create(record, write(commitOf(record)))
      const renewal = renewalOf(record, grace)
      await store.renew(renewal, write(renewal.alias.commitId))
      expect(await sizeOf(`holdfast:{${record.key}}`)).toBeLessThanOrEqual(most)
    }
    await store.close()
  })
})

describe('round trips', () => {
  /** Answers the commands that clients sent while something was done. */
  async function sentDuring(act: () => Promise<unknown>): Promise<string[]> {
    await monitor.settle()
    monitor.forget()
    await act()
    // What nobody waits for leaves at the end of the turn, and may be overtaken by the monitor's own question.
    await client.echo('after it')
    await monitor.settle()
    const commands = monitor.commands
      .filter(({ isFromScript }) => !isFromScript)
      .map(({ command: [name = ''] }) => name)
    expect(commands.pop()).toBe('ECHO')
    return commands
  }

  it('every verb is one command once the scripts are known, and a touch of many is one pipeline', async () => {
    const store = redisStore({ client })
    const record = someRecord({ subject: 'me' })
    await store.create(record, write(commitOf(record)))
    // The clock is measured at its first use.
    store.clock.now()
    const [other, next] = [someRecord({ subject: 'me' }), nextOf(record, { subject: 'me' })]
    const renewal = renewalOf(next)
    const verbs = {
      load: () => store.load(record.key, call()),
      create: () => store.create(other, write(commitOf(other))),
      update: () => store.update(next, 1, write(commitOf(next))),
      touch: () => store.touch([{ key: record.key, idleUntil: record.idleUntil + 1_000 }], call()),
      renew: () => store.renew(renewal, write(renewal.alias.commitId)),
      trim: () => store.trim([{ key: renewal.key, until: Date.now() }], call()),
      generation: () => store.generation(call()),
      end: () => store.end(renewal.record.key, someTombstone(), write()),
    }
    await store.trim([{ key: randomText(16), until: 0 }], call())
    await store.generation(call())
    await store.update(someRecord(), 7, write())
    await store.touch([{ key: randomText(16), idleUntil: 0 }], call())
    await store.renew(renewalOf(someRecord()), write())
    await store.end(randomText(16), someTombstone(), write())
    const sent: Record<string, string[]> = {}
    for (const [verb, act] of Object.entries(verbs)) sent[verb] = await sentDuring(act)
    expect(sent).toEqual({
      load: ['GET'],
      create: ['EVALSHA'],
      update: ['EVALSHA'],
      touch: ['EVALSHA'],
      // The index is tidied up afterwards; nobody waits for it.
      renew: ['EVALSHA', 'ZREM'],
      trim: ['EVALSHA'],
      generation: ['EVALSHA'],
      end: ['EVALSHA', 'ZREM'],
    })
    await store.close()
  })

  it('scanning commands are never sent', async () => {
    const store = redisStore({ client })
    const record = someRecord({ subject: 'me' })
    monitor.forget()
    await store.create(record, write(commitOf(record)))
    await store.listSubject('me', { limit: 10 }, call())
    await store.end(record.key, someTombstone(), write())
    await monitor.settle()
    const names = new Set(monitor.commands.map(({ command: [name = ''] }) => name))
    for (const forbidden of ['KEYS', 'SCAN', 'SORT', 'CONFIG', 'PSUBSCRIBE']) expect(names).not.toContain(forbidden)
    await store.close()
  })
})

describe('what lies there', () => {
  it('every key has a time to live, whatever was done', async () => {
    const store = redisStore({ client })
    const record = someRecord({ subject: 'me' })
    await store.create(record, write(commitOf(record)))
    await store.touch([{ key: record.key, idleUntil: record.idleUntil + 1_000 }], call())
    const next = nextOf(record, { subject: 'you' })
    await store.update(next, 1, write(commitOf(next)))
    const renewal = renewalOf(next, 10_000)
    await store.renew(renewal, write(renewal.alias.commitId))
    await store.end(randomText(16), someTombstone(), write())
    const other = someRecord({ subject: 'me' })
    await store.create(other, write(commitOf(other)))
    await store.end(other.key, someTombstone(), write())
    const keys = await client.keys('*')
    expect(keys.length).toBeGreaterThanOrEqual(6)
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0)
    await store.close()
  })

  it('nothing in Redis works as a token', async () => {
    const store = redisStore({ client })
    const sessions = createSessions({ store, profile: 'owasp' })
    const tokens: string[] = []
    for (let login = 0; login < 50; login += 1) {
      const session = await sessions.open({
        header: () => undefined,
        secure: true,
        appendHeader: (name, value) => {
          if (name.toLowerCase() === 'set-cookie') tokens.push(/=([\w-]{32})/.exec(value)?.[1] ?? '')
        },
      })
      session.login(`user-${login}`)
      session.set('cart', ['milk'])
      await session.commit()
    }
    expect(tokens).toHaveLength(50)
    const keys = await client.keys('*')
    const values = await Promise.all(
      keys.map((key) =>
        client.callBuffer(...((key.includes('{u:') ? ['zrange', key, 0, -1] : ['get', key]) as ['get', string])),
      ),
    )
    const dump = [keys, values]
      .flat(2)
      .map((value) => Buffer.from(value as string).toString('latin1'))
      .join('\n')
    expect(dump).toContain('holdfast:{')
    for (const token of tokens) {
      expect(dump).not.toContain(token)
      expect(dump).not.toContain(Buffer.from(token, 'base64url').toString('latin1'))
    }
    await sessions.close()
  })

  it('stores whose prefixes resemble each other never meet', async () => {
    const stores = ['a', 'a:b', 'a:u', 'A'].map((prefix) => redisStore({ client, prefix }))
    const record = someRecord({ subject: 'me' })
    for (const store of stores) {
      expect((await store.load(record.key, call())).outcome).toBe('absent')
      expect((await store.listSubject('me', { limit: 10 }, call())).sessions).toEqual([])
      await store.create(record, write(commitOf(record)))
    }
    await stores[0]?.end(record.key, someTombstone(), write())
    for (const store of stores.slice(1)) expect((await store.load(record.key, call())).outcome).toBe('found')
    const names = (await client.keys('*')).map((key) => key.slice(0, key.indexOf('{')))
    expect(new Set(names)).toEqual(new Set(['a:', 'a:b:', 'a:u:', 'A:']))
    await Promise.all(stores.map((store) => store.close()))
  })
})
