/** Renewals that a listing meets half-way, that a server forgets, and how long their aliases stay. */
import { startRedis, type RedisServer } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore, type RedisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { call, nextOf, renewalOf, someRecord, write } from './testing/records.ts'

const HOUR = 3_600_000

let server: RedisServer
let admin: Redis

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url).setMaxListeners(0)
  // Without INFO every new connection counts as one to another server, so that it is told what is remembered.
  await admin.call('acl', 'setuser', 'blind', 'on', '>secret', '~*', '&*', '+@all', '-info')
})
afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

const commitOf = ({ commits }: { readonly commits: readonly string[] }): string => commits[0] ?? ''

/** A client that does something once after its next ZRANGE has been answered. */
function interrupted(client: Redis, act: () => Promise<unknown>): Redis {
  let isDue = true
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function' || name !== 'callBuffer') return value
      return async (...values: unknown[]): Promise<unknown> => {
        const reply = (await value.apply(target, values)) as unknown
        if (values[0] === 'ZRANGE' && isDue) {
          isDue = false
          await act()
        }
        return reply
      }
    },
  })
}

describe('a session that is renewed while it is listed', () => {
  it.each([1, 3])('is listed once, in its place, under its newest key: %i renewals', async (count) => {
    const prefix = `met-${count}`
    const store = redisStore({ client: admin, prefix })
    const now = Date.now()
    const records = [3, 2, 1].map((age) => someRecord({ subject: 'me', createdAt: now - age * 1_000 }))
    for (const each of records) await store.create(each, write(commitOf(each)))
    let [, latest = someRecord()] = records
    const renewing = interrupted(admin, async () => {
      for (let each = 0; each < count; each += 1) {
        const renewal = renewalOf(latest, HOUR)
        await store.renew(renewal, write(renewal.alias.commitId))
        latest = renewal.record
      }
    })
    const { sessions, next } = await redisStore({ client: renewing, prefix }).listSubject('me', { limit: 3 }, call())
    expect(sessions.map(({ key }) => key)).toEqual([records[0]?.key, latest.key, records[2]?.key])
    expect(next).toBeUndefined()
    await store.close()
  })
})

describe('a renewal that the server has forgotten', () => {
  async function connected(): Promise<{ client: Redis; store: RedisStore; reconnect(): Promise<void> }> {
    const client = new Redis(server.url, { username: 'blind', password: 'secret', enableReadyCheck: false })
    client.on('error', () => {})
    const store = redisStore({ client, prefix: 'forgotten' })
    store.subscribe(() => {})
    await eventually(() => expect(store.isFeedHealthy()).toBe(true))
    return {
      client,
      store,
      async reconnect() {
        const ready = new Promise((resolve) => client.once('ready', resolve))
        client.disconnect(true)
        await ready
      },
    }
  }

  it('is told to it with the sealed token and for all its grace, also where one who merely heard of it was faster', async () => {
    const [maker, hearer] = [await connected(), await connected()]
    const base = someRecord()
    const name = `forgotten:{${base.key}}`
    await maker.store.create(base, write(commitOf(base)))
    const saved = await admin.dumpBuffer(name)
    const renewal = renewalOf(base, HOUR)
    await maker.store.renew(renewal, write(renewal.alias.commitId))
    await eventually(async () => {
      await admin.restore(name, 60_000, saved, 'REPLACE')
      await hearer.reconnect()
      await eventually(async () => {
        const heard = await hearer.store.load(base.key, call())
        expect(heard).toMatchObject({ outcome: 'moved', alias: { successor: renewal.record.key } })
        expect(heard).not.toHaveProperty('alias.sealedToken')
      }, 1_000)
    })
    await maker.reconnect()
    await eventually(async () => {
      const answer = await hearer.store.load(base.key, call())
      expect(answer).toEqual({ outcome: 'moved', key: base.key, alias: renewal.alias })
    })
    expect(await admin.pttl(name)).toBeGreaterThan(HOUR)
    await hearer.reconnect()
    expect(await maker.store.load(base.key, call())).toHaveProperty('alias.sealedToken')
    for (const { client, store } of [maker, hearer]) {
      await store.close()
      client.disconnect()
    }
  })
})

it('the generation only grows, whoever raises it, and never expires', async () => {
  const [store, other] = [redisStore({ client: admin }), redisStore({ client: admin })]
  expect(await store.generation(call())).toBe(0)
  const raised = await Promise.all([5, 1_900_000_000_000, 7].map((to) => store.raiseGeneration(to, call())))
  expect(Math.max(...raised)).toBe(1_900_000_000_000)
  expect(await other.raiseGeneration(6, call())).toBe(1_900_000_000_000)
  expect(await other.generation(call())).toBe(1_900_000_000_000)
  expect(await admin.pttl('holdfast:{generation}')).toBe(-1)
  await admin.set('holdfast:{generation}', 'no number')
  await expect(store.generation(call())).rejects.toThrow('compare')
})

it('an alias may lead on until the absolute end, and is never told with its sealed token', async () => {
  const store = redisStore({ client: admin, prefix: 'told' })
  const told: Buffer[] = []
  const listener = new Redis(server.url)
  listener.on('messageBuffer', (_: Buffer, message: Buffer) => told.push(message))
  await listener.subscribe('told:{feed}')
  const base = someRecord()
  await store.create(base, write(commitOf(base)))
  const renewal = renewalOf(base, base.absoluteAt - Date.now())
  await store.renew(renewal, write(renewal.alias.commitId))
  const next = nextOf(renewal.record)
  await store.update(next, 2, write(commitOf(next)))
  expect(await admin.pttl(`told:{${base.key}}`)).toBeGreaterThan(base.absoluteAt - Date.now() + 50_000)
  await eventually(() => expect(told.length).toBeGreaterThanOrEqual(3))
  const sealed = Buffer.from(renewal.alias.sealedToken ?? [])
  for (const message of told) {
    for (const encoding of ['latin1', 'hex', 'base64url', 'base64'] as const) {
      expect(message.toString('latin1')).not.toContain(sealed.toString(encoding))
    }
  }
  listener.disconnect()
  await store.close()
})
