/** The index of subjects through a long life: it loses nobody, and does not grow. */
import { setTimeout as wait } from 'node:timers/promises'
import { diceOf, type IndexedStore, liveLong, redisUrl } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisStore, type RedisStore } from './index.ts'
import { freshPrefix } from './testing/harness.ts'
import { call } from './testing/records.ts'

const STEPS = 100_000
/** A busy machine must not fail it. */
const WATCHDOG = 240_000
const SUBJECTS = 20

const url = await redisUrl()
const admin = new Redis(url)
const prefix = freshPrefix()

/** Lets the minute pass for which Redis keeps what is over, and answers how many keys that removed. */
const A_MINUTE_LATER = `
  local removed = 0
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    if redis.call('PTTL', key) <= 60000 then removed = removed + redis.call('UNLINK', key) end
  end
  return removed`

/** A process with its connection, which can be killed. */
async function startProcess(): Promise<{ store: RedisStore; client: Redis; id: number }> {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 5_000,
    retryStrategy: () => 20,
  })
  client.on('error', () => {})
  const store = redisStore({ client, prefix })
  await store.ping(call())
  return { store, client, id: await client.client('ID') }
}

let process: Awaited<ReturnType<typeof startProcess>>

beforeAll(async () => {
  process = await startProcess()
})
afterAll(async () => {
  process.client.disconnect()
  admin.disconnect()
})

/** Lists all subjects, which drops what is over, as far as it is gone, from their index. */
async function listAll(): Promise<void> {
  const subjects = Array.from({ length: SUBJECTS }, (_, index) => `subject ${index}`)
  await Promise.all(subjects.map((subject) => process.store.listSubject(subject, { limit: 1e6 }, call())))
}

it(
  `the index holds what lives, and what has run out since it was last listed: ${STEPS} steps`,
  { timeout: WATCHDOG },
  async () => {
    const tried: IndexedStore = {
      get store() {
        return process.store
      },
      longestIdle: 1_500,
      now: () => process.store.clock.now(),
      blur: 50,
      pass: async () => {},
      // One write to the socket, instead of one for each command.
      together: (send) => {
        const { stream } = process.client
        stream.cork()
        setImmediate(() => stream.uncork())
        return send()
      },
      keeps: 0,
      tidy: async () => {
        await admin.eval(A_MINUTE_LATER, 0, `${prefix}:{*`)
        await listAll()
      },
      indexed: async () => {
        const names = await admin.keys(`${prefix}:{u:*`)
        // What a listing drops goes by the connection of the process, and nobody waits for it.
        const sizes = await Promise.all(names.map((name) => process.client.zcard(name)))
        return sizes.reduce((sum, size) => sum + size, 0)
      },
      crash: async (die) => {
        const { client, id } = process
        await wait(Math.random() * 5)
        die()
        client.disconnect()
        while (String(await admin.client('LIST')).includes(`id=${id} `)) await wait(1)
        process = await startProcess()
      },
    }
    const seed = Date.now() % 2 ** 31
    const { counts, crashes } = await liveLong(tried, STEPS, diceOf(seed))
    expect(Math.min(...Object.values(counts)), `seed ${seed}`).toBeGreaterThan(STEPS / 50)
    expect(crashes).toBeGreaterThan(5)
  },
)
