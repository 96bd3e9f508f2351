/** A renewal whose keys lie in different slots, cut short at every command; and failovers of a Cluster. */
import type { Renewal } from '@holdfast/core'
import { type RedisCluster, startRedisCluster } from '@holdfast/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySlot } from './client/key-slot.ts'
import { redisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { call, nextOf, renewalOf, someRecord, someTombstone, write } from './testing/records.ts'

let servers: RedisCluster
let client: Cluster

beforeAll(async () => {
  servers = await startRedisCluster()
  client = new Cluster(
    servers.servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    {
      enableOfflineQueue: false,
      clusterRetryStrategy: () => 100,
      redisOptions: { maxRetriesPerRequest: 0, commandTimeout: 1_000, autoResendUnfulfilledCommands: false },
    },
  )
  client.setMaxListeners(0)
  await new Promise((resolve) => client.once('ready', resolve))
})
afterAll(async () => {
  client.disconnect()
  await servers.stop()
})

/**
 * Renews by a client whose process dies after so many commands: what it sends then goes nowhere, and nothing is answered.
 * Resolves when it is dead or done.
 */
async function renewAndDie(renewal: Renewal, commands: number): Promise<void> {
  let left = commands
  let die = (): void => {}
  const death = new Promise<void>((resolve) => {
    die = resolve
  })
  const dying = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const isCommand = ['callBuffer', 'getBuffer', 'spublish'].includes(String(name))
      return (...values: unknown[]): unknown => {
        if (isCommand && (left -= 1) < 0) {
          die()
          return new Promise(() => {})
        }
        return value.apply(target, values) as unknown
      }
    },
  })
  await Promise.race([death, redisStore({ client: dying }).renew(renewal, write(renewal.alias.commitId))])
}

const STEPS = 8
const HOUR = 3_600_000

describe.each([
  { what: 'of privilege', grace: 0 },
  { what: 'by age', grace: 8 * HOUR },
])('a renewal $what that is cut short', ({ what, grace }) => {
  for (let commands = 0; commands < STEPS; commands += 1) {
    it(`after ${commands} commands leaves exactly one key valid, and its retry completes it`, async () => {
      const store = redisStore({ client })
      const subject = `me-${commands}-${what}`
      const base = someRecord({ subject })
      await store.create(base, write(base.commits[0]))
      const idleUntil = base.idleUntil + 60_000
      await store.touch([{ key: base.key, idleUntil }], call())
      const renewal = renewalOf(base, grace)
      await renewAndDie(renewal, commands)
      // An orphan does not outlive the idle deadline by much, however long the alias would lead on.
      const kept = await client.pttl(`holdfast:{${renewal.record.key}}`)
      expect(kept).toBeLessThanOrEqual(idleUntil - Date.now() + 130_000)

      const [old, renewed] = [await store.load(base.key, call()), await store.load(renewal.record.key, call())]
      const outcomes = [old.outcome, renewed.outcome]
      expect([
        ['found', 'absent'],
        ['moved', 'found'],
      ]).toContainEqual(outcomes)
      const valid = old.outcome === 'found' ? base.key : renewal.record.key
      const { sessions } = await store.listSubject(subject, { limit: 10 }, call())
      expect(sessions.map(({ key }) => key)).toEqual([valid])

      if (commands % 2 === 0) {
        const again = await store.renew(renewal, write(renewal.alias.commitId))
        // The listing closed the new key if nothing lay there yet: the engine draws another token then.
        if (again.outcome === 'exists') {
          expect(valid).toBe(base.key)
          return
        }
        expect(again).toMatchObject({ outcome: 'renewed' })
        expect(await store.load(base.key, call())).toEqual({
          outcome: 'moved',
          key: base.key,
          alias: renewal.alias,
        })
        expect(await store.load(renewal.record.key, call())).toMatchObject({ outcome: 'found', idleUntil })
        const next = nextOf(renewal.record)
        expect(await store.update(next, 2, write(next.commits[0]))).toMatchObject({ outcome: 'updated' })
      } else {
        expect(await store.end(base.key, someTombstone(), write())).toMatchObject({ outcome: 'ended' })
        const other = redisStore({ client })
        for (const key of [base.key, valid]) expect(await other.load(key, call())).toMatchObject({ outcome: 'ended' })
        await other.close()
      }
      await store.close()
    })
  }
})

describe('a renewal that was not confirmed', () => {
  it('is met by a write before anybody has read it', async () => {
    const store = redisStore({ client })
    const base = someRecord()
    await store.create(base, write(base.commits[0]))
    const renewal = renewalOf(base)
    // Without a subject: pending, alias; the confirmation is not sent.
    await renewAndDie(renewal, 3)
    const next = nextOf(renewal.record)
    const answer = await store.update(next, 2, write(next.commits[0]))
    expect(answer).toMatchObject({ outcome: 'updated' })
    await store.close()
  })
})

describe('failover', () => {
  it('an end that the new master of its slot does not know is told to it', async () => {
    const [store, other] = [redisStore({ client, prefix: 'lost' }), redisStore({ client, prefix: 'lost' })]
    const record = someRecord()
    await store.create(record, write(record.commits[0]))
    const slot = keySlot(`lost:{${record.key}}`)
    const master = await servers.masterOf(slot)
    const { id } = servers.nodes.find(({ port }) => port === master.port) ?? {}
    const replica = servers.nodes.find(({ masterId }) => masterId === id)
    const admin = new Redis(replica?.port ?? 0)
    await eventually(async () => expect(await admin.dbsize()).toBeGreaterThan(0))
    await admin.config('SET', 'masterauth', 'wrong')
    await admin.call('client', 'kill', 'type', 'master')
    await store.end(record.key, someTombstone(), write())
    await admin.config('SET', 'masterauth', '')
    await master.kill()
    expect(await store.load(record.key, call())).toMatchObject({ outcome: 'ended' })
    await eventually(async () => {
      // The survivors hear of the failover when they ask.
      expect(await other.load(record.key, call())).toMatchObject({ outcome: 'ended' })
    }, 20_000)
    admin.disconnect()
    await Promise.all([store.close(), other.close()])
  }, 60_000)
})
