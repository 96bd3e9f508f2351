import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { storeConformance } from '@holdfast/conformance'
import { redisUrl } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from './index.ts'
import { eventually } from './testing/eventually.ts'
import { freshPrefix, takingTurns } from './testing/harness.ts'
import { call, someRecord, write } from './testing/records.ts'

const require = createRequire(import.meta.url)
const url = await redisUrl()
const admin = new Redis(url)
const NAME = freshPrefix()

/** The line of the docs, for prefixes that begin like this file's. */
function permissions(): string[] {
  const docs = readFileSync(new URL('../../../docs/redis.md', import.meta.url), 'utf8')
  const [, rules = ''] = /^user holdfast (.+)$/m.exec(docs) ?? []
  return rules.replaceAll('holdfast:{', `${NAME}*:{`).split(' ')
}

beforeAll(() => admin.call('acl', 'setuser', NAME, ...permissions()))
afterAll(async () => {
  await admin.call('acl', 'deluser', NAME)
  admin.disconnect()
})

// The user exists once the first test runs; until then nothing is to be sent.
const least = { username: NAME, password: 'secret', lazyConnect: true }

const CLIENTS = [
  { name: 'ioredis', major: 6, client: new Redis(url, least) },
  { name: 'ioredis5', major: 5, client: new Redis5(url, least) },
]

for (const { name, major, client } of CLIENTS) {
  client.setMaxListeners(0)
  afterAll(() => client.disconnect())

  it(`${name} is what is loaded`, () => {
    expect((require(`${name}/package.json`) as { version: string }).version).toMatch(new RegExp(`^${major}\\.`))
  })

  storeConformance({
    name: `Redis by ioredis ${major}, with the least permissions`,
    runner: { describe: describe.concurrent, it },
    create: async () =>
      takingTurns({ options: { client }, everywhere: (run) => run(admin), prefix: `${NAME}:${freshPrefix()}` }),
  })
}

it('the permissions suffice for the change feed and the mark in its heartbeats', async () => {
  const client = new Redis(url, least)
  const prefix = `${NAME}:${freshPrefix()}`
  const store = redisStore({ client, prefix })
  store.subscribe(() => {})
  await eventually(() => expect(store.isFeedHealthy()).toBe(true))
  expect(await admin.get(`${prefix}:{feed}`)).toMatch(/^[\w-]{11}$/)
  await store.close()
  client.disconnect()
})

it('the permissions end at the prefix', async () => {
  const client = new Redis(url, least)
  const store = redisStore({ client, prefix: freshPrefix() })
  await expect(store.load(someRecord().key, call())).rejects.toThrow('NOPERM')
  await expect(store.create(someRecord(), write())).rejects.toThrow('NOPERM')
  await store.close()
  client.disconnect()
})
