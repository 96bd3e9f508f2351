import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Browser, type FaultProxy, type RedisServer, faultProxy, rounds, startRedis } from '../../src/index.ts'
import { until } from '../../src/servers/until.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'

const USERS = 200
const READS = 20_000
/** A process that has answered so many is struck again. */
const ANSWERS_BETWEEN = 200
/** Milliseconds that a user waits who was refused. */
const PAUSE = 20

/** Text that shows whose it is wherever it is cut. */
function textOf(user: number): string {
  return `u${user}.`.repeat(100)
}

describe('four processes over Redis, each behind a proxy', () => {
  let server: RedisServer
  let proxies: FaultProxy[]
  let fleet: Fleet

  beforeAll(async () => {
    server = await startRedis()
    proxies = await Promise.all([0, 1, 2, 3].map(() => faultProxy(server)))
    fleet = await startFleet((turn) => ({
      store: { type: 'redis', url: proxies[turn]!.urlOf(server.url) },
      // Every read reaches the store.
      engine: { cache: false },
    }))
  })

  afterAll(async () => {
    await fleet?.close()
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    await server?.stop()
  })

  it(`show nobody's data to anybody else when half of a reply is lost again and again, ${READS} times`, async () => {
    const users: Browser[] = []
    await rounds(USERS, async (user) => {
      const browser = (users[user] = fleet.browser(user))
      // A deadline that a busy machine broke would leave somebody without a session, or without the text.
      for (const change of [`/login?user=u${user}`, `/set?name=text&value=${textOf(user)}`]) {
        await until(async () => (await browser.post(change)).status === 200, { what: change })
      }
    })
    const made = proxies.map(({ connectionsMade }) => connectionsMade)
    let losses = 0
    const answered = proxies.map(() => 0)
    const lose = (turn: number): void => {
      void proxies[turn]!.loseHalfOfNextReply(({ request }) => request.includes('{')).then(() => losses++)
    }
    const wrong: string[] = []
    let refused = 0
    await rounds(
      READS,
      async (round) => {
        const user = round % USERS
        const turn = (Math.floor(round / USERS) + user) % proxies.length
        const page = await users[user]!.send({ path: '/state', url: fleet.url(turn) })
        if (page.status === 503) {
          refused++
          return sleep(PAUSE)
        }
        if (++answered[turn]! % ANSWERS_BETWEEN === 0) lose(turn)
        const shown = page.status === 200 ? page.json<Shown>() : undefined
        const isOwn = shown?.subject === `u${user}` && shown.fields['text'] === textOf(user)
        if (!isOwn) wrong.push(`u${user}: ${page.status} ${page.body}`)
      },
      48,
    )
    const replaced = proxies.reduce((sum, { connectionsMade }, turn) => sum + connectionsMade - made[turn]!, 0)
    process.stdout.write(
      `| half of one reply lost, ${losses} times in ${READS} reads | ${wrong.length} wrong, ${refused} refused, ${replaced} connections replaced |\n`,
    )
    expect(losses).toBeGreaterThan(20)
    expect(wrong.slice(0, 5), `${wrong.length} wrong answers`).toEqual([])
    expect(replaced).toBeGreaterThan(losses / 2)
    await Promise.all(proxies.map((proxy) => proxy.pass()))
    await rounds(USERS, async (user) => {
      const url = fleet.url(user)
      let page = await users[user]!.send({ path: '/state', url })
      for (const endsAt = performance.now() + 1_000; page.status !== 200 && performance.now() < endsAt;) {
        page = await users[user]!.send({ path: '/state', url })
      }
      expect(page.json<Shown>()).toMatchObject({ subject: `u${user}`, fields: { text: textOf(user) } })
    })
  }, 120_000)
})
