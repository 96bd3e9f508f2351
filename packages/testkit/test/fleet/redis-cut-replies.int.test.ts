import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Exchange, type FaultProxy, type RedisServer, faultProxy, rounds, startRedis } from '../../src/index.ts'
import { keyOf } from '../promises/stage.ts'
import { observedBy } from './faults/processes.ts'
import { type Witness, openWitness } from './faults/truth.ts'
import { type Fleet, startFleet } from './fleet.ts'

const ROUNDS = 500

/** Cuts in the middle of the reply, and in place of it. */
const CUTS = ['cutNextReply', 'cutBeforeNextReply'] as const

/** What is cut in each round, in turn. */
const CHANGES = [
  { path: '/increment', n: 1, isLive: true },
  { path: '/renew', n: 0, isLive: false },
  { path: '/increment', n: 1, isLive: true },
  { path: '/logout', n: 0, isLive: false },
] as const

describe('four processes over Redis, each behind a proxy', () => {
  let server: RedisServer
  let proxies: FaultProxy[]
  let fleet: Fleet
  let witness: Witness

  beforeAll(async () => {
    server = await startRedis()
    proxies = await Promise.all([0, 1, 2, 3].map(() => faultProxy(server)))
    fleet = await startFleet((turn) => ({ store: { type: 'redis', url: proxies[turn]!.urlOf(server.url) } }))
    witness = await openWitness({ type: 'redis', url: server.url })
    // Once, so that the server knows every script: the reply that is cut is that of the change.
    const first = fleet.browser()
    for (const path of ['/login?user=first', '/increment', '/renew', '/logout']) await settled(() => first.post(path))
  })

  afterAll(async () => {
    await witness?.close()
    await fleet?.close()
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    await server?.stop()
  })

  it(`carry out exactly once what they are not answered, ${ROUNDS} times, and tell the truth of it`, async () => {
    const tally = { done: 0, unknown: 0 }
    // One round at a time for each process, so that the reply that is cut is the one meant.
    // Answers whether the reply was cut: on a busy machine the change may be refused before it is sent.
    const play = async (round: number, turn: number): Promise<boolean> => {
      const { path, n, isLive } = CHANGES[Math.floor(round / proxies.length) % CHANGES.length]!
      const user = fleet.browser(turn)
      await settled(() => user.post(`/login?user=u${round}`))
      const old = user.cookie!
      let isCut = false
      void proxies[turn]![CUTS[round % 2]!]((exchange) => changes(exchange, keyOf(old))).then(() => (isCut = true))
      const place = `${path}?round=${round}&at=${performance.now()}`
      const page = await user.post(place)
      if (!isCut) {
        await proxies[turn]!.pass()
        return false
      }
      if (page.status === 200) tally.done++
      else {
        expect(page.status).toBe(503)
        const [observed] = (await observedBy(fleet)).filter((_, index) => index === turn)
        const error = observed!.errors.find(({ url }) => url === place)
        expect(error, place).toMatchObject({ isOutcomeUnknown: true })
        tally.unknown++
      }
      const { isNew, n: found } = await witness.read(old)
      // The server had answered, so that it was applied: once.
      expect({ path, isLive: !isNew, found }).toEqual({ path, isLive, found: isLive ? n : 0 })
      if (path === '/renew' && page.status === 200) {
        expect(await witness.read(user.cookie!)).toEqual({ isNew: false, subject: `u${round}`, n })
      }
      return true
    }
    await rounds(
      proxies.length,
      async (turn) => {
        for (let round = turn; round < ROUNDS; round += proxies.length) while (!(await play(round, turn)));
      },
      proxies.length,
    )
    process.stdout.write(
      `| commit whose reply is cut, ${ROUNDS} times | ${tally.done} done, ${tally.unknown} unknown |\n`,
    )
    expect(tally.done + tally.unknown).toBe(ROUNDS)
  }, 120_000)
})

/** Whether what was asked begins with a script that has that key among its keys, as a change has. */
function changes({ request }: Exchange, key: string): boolean {
  // Lengths and words take turns: `evalsha`, its digest, how many keys, the keys.
  const words = request.toString('latin1', 0, 400).split('\r\n')
  const [, , command, , , , count, ...rest] = words
  const keys = rest.filter((_, index) => index % 2 === 1).slice(0, Number(count))
  return command?.toLowerCase() === 'evalsha' && keys.some((each) => each.endsWith(`:{${key}}`))
}

/** Repeats what was refused, as long as a connection that was cut is being replaced. */
async function settled<Answer extends { status: number }>(send: () => Promise<Answer>): Promise<void> {
  for (let times = 0; times < 100; times++) {
    const { status } = await send()
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('It was refused a hundred times.')
}
