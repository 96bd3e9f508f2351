import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import {
  type Browser,
  type FaultProxy,
  type ProxiedConnection,
  type RedisServer,
  faultProxy,
  measureLoopDelay,
  startRedis,
} from '../../src/index.ts'
import { until } from '../../src/servers/until.ts'
import { observedBy } from './faults/processes.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'

const USERS = 12
const TWO_BEATS = 2_000
const CUT_FOR = 4_000
/** Which process hears nothing. The others do. */
const DEAF = 1

const isFeed = ({ opening }: ProxiedConnection): boolean => /\r\nsubscribe\r\n/i.test(opening.toString('latin1'))

interface Cut {
  readonly name: string
  readonly cut: (proxy: FaultProxy) => void
  /** The states that the process must have told of, in order. */
  readonly told: readonly string[]
}

const CUTS: readonly Cut[] = [
  { name: 'falls silent', cut: (proxy) => proxy.hold({ only: isFeed }), told: ['suspect', 'detached'] },
  {
    name: 'is lost, and no other connection is accepted',
    cut: (proxy) => {
      proxy.refuse()
      proxy.dropConnections(isFeed)
    },
    told: ['detached'],
  },
]

interface Read {
  readonly user: number
  readonly startedAt: number
  /** `undefined` for a session that has ended. */
  readonly n: number | undefined
}

/** Lets one process write and the deaf one read, until it is stopped. */
function startReading(fleet: Fleet, users: readonly Browser[]) {
  let isOver = false
  const reads: Read[] = []
  /** When each value was acknowledged; the last of those who have ended is that of the end. */
  const since = users.map(() => [performance.now()])
  const endedAt = users.map(() => Number.POSITIVE_INFINITY)
  const isUnsure = users.map(() => false)
  const cookies = users.map(({ cookie }) => cookie)
  const write = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const user = turn % users.length
      if (endedAt[user]! < Number.POSITIVE_INFINITY || isUnsure[user]) {
        await sleep(1)
        continue
      }
      const isLast = turn % 31 === 30 && user > 2
      const page = await users[user]!.send({
        method: 'POST',
        path: isLast ? '/destroy' : '/increment',
        url: fleet.url(0),
      })
      // Nobody knows which value holds after a refusal, so that this user is left alone.
      if (page.status !== 200) {
        isUnsure[user] = true
        continue
      }
      if (isLast) endedAt[user] = performance.now()
      else since[user]!.push(performance.now())
      await sleep(5)
    }
  }
  const read = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const user = turn % users.length
      const startedAt = performance.now()
      const page = await fleet.browser().send({ path: '/state', url: fleet.url(DEAF), cookie: cookies[user] })
      // A machine that has much else to do may break a deadline now and then.
      if (page.status === 503) continue
      expect(page.status).toBe(200)
      const { isNew, fields } = page.json<Shown>()
      reads.push({ user, startedAt, n: isNew ? undefined : Number(fields['n']) })
      await sleep(2)
    }
  }
  const work = Promise.all([write(), read()])
  return {
    /** By how many milliseconds each read was out of date when it was asked for. */
    stale: (): { startedAt: number; by: number }[] =>
      reads
        .filter(({ user }) => !isUnsure[user])
        .map(({ user, startedAt, n }) => {
          const outdatedAt = n === undefined ? startedAt : (since[user]![n + 1] ?? endedAt[user]!)
          return { startedAt, by: Math.max(0, startedAt - outdatedAt) }
        }),
    ends: (): number => endedAt.filter((at) => at < Number.POSITIVE_INFINITY).length,
    stop: async (): Promise<void> => {
      isOver = true
      await work
    },
  }
}

describe('a process whose change feed', () => {
  let server: RedisServer
  let proxy: FaultProxy
  let fleet: Fleet

  beforeEach(async () => {
    server = await startRedis()
    proxy = await faultProxy(server)
    fleet = await startFleet(
      (turn) => ({ store: { type: 'redis', url: turn === DEAF ? proxy.urlOf(server.url) : server.url } }),
      2,
    )
  })

  afterEach(async () => {
    await fleet?.close()
    await proxy?.stop()
    await server?.stop()
  })

  const states = async (): Promise<string[]> => (await observedBy(fleet))[DEAF]!.feedStates.map(({ state }) => state)

  it.each(CUTS)(
    '$name never shows what is older than two heartbeats, and then asks the store',
    async ({ cut, told }) => {
      await until(async () => (await states()).at(-1) === 'coherent', { what: 'a coherent feed' })
      const users = await Promise.all(
        Array.from({ length: USERS }, async () => {
          const user = fleet.browser()
          await user.post('/begin')
          return user
        }),
      )
      const loop = measureLoopDelay()
      const reading = startReading(fleet, users)
      await sleep(500)
      const before = (await states()).length
      const cutAt = performance.now()
      cut(proxy)
      await sleep(CUT_FOR)
      const toldStates = (await states()).slice(before)
      const passedAt = performance.now()
      await proxy.pass()
      await until(async () => (await states()).at(-1) === 'coherent', { what: 'a coherent feed', within: 5_000 })
      const coherentAt = performance.now()
      await sleep(500)
      await reading.stop()

      const slack = 5 * Math.max(loop.stop(), ...(await observedBy(fleet)).map(({ longestDelay }) => longestDelay))
      const stale = reading.stale()
      const worst = Math.max(...stale.map(({ by }) => by))
      const later = stale.filter(({ startedAt }) => startedAt > cutAt + TWO_BEATS + slack && startedAt < passedAt)
      process.stdout.write(
        `| feed cut | ${toldStates.join(', ')} | ${stale.length} reads, the oldest ${Math.round(worst)} ms behind | coherent ${Math.round(coherentAt - passedAt)} ms after |\n`,
      )
      expect(reading.ends()).toBeGreaterThan(0)
      expect(worst).toBeLessThan(TWO_BEATS + slack)
      expect(later.length).toBeGreaterThan(0)
      expect(later.filter(({ by }) => by > 0)).toEqual([])
      expect(toldStates).toEqual(expect.arrayContaining([...told]))
      expect(toldStates).not.toContain('coherent')
    },
  )
})
