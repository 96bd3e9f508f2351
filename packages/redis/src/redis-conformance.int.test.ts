import { storeConformance } from '@holdfast/conformance'
import { redisUrl } from '@holdfast/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createRequire } from 'node:module'
import { afterAll, describe, expect, it } from 'vitest'
import { takingTurns } from './testing/harness.ts'

const require = createRequire(import.meta.url)
const url = await redisUrl()
const admin = new Redis(url)
afterAll(() => void admin.disconnect())

const CLIENTS = [
  { name: 'ioredis', major: 6, client: new Redis(url) },
  { name: 'ioredis5', major: 5, client: new Redis5(url) },
]

for (const { name, major, client } of CLIENTS) {
  afterAll(() => void client.disconnect())

  it(`${name} is what is loaded`, () => {
    expect((require(`${name}/package.json`) as { version: string }).version).toMatch(new RegExp(`^${major}\\.`))
  })

  storeConformance({
    name: `Redis by ioredis ${major}`,
    runner: { describe: describe.concurrent, it },
    create: async () => takingTurns({ options: { client }, everywhere: (run) => run(admin) }),
  })
}
