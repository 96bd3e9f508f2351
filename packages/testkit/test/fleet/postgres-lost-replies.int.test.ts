import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  type Browser,
  type FaultProxy,
  type PostgresServer,
  faultProxy,
  rounds,
  startPostgres,
} from '../../src/index.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'

const USERS = 200
const READS = 20_000
/** How many reads lie between two replies that are lost. */
const INTERVAL = 200

describe('four processes whose Postgres loses replies', () => {
  let server: PostgresServer
  let proxy: FaultProxy
  let fleet: Fleet
  let users: Browser[]

  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: 'off', statement_timeout: '5s' } })
    proxy = await faultProxy(server)
    fleet = await startFleet(() => ({ store: { type: 'postgres', url: proxy.urlOf(server.url) } }))
    users = Array.from({ length: USERS }, (_, number) => fleet.browser(number))
    await rounds(USERS, async (number) => void (await users[number]!.post(`/login?user=u${number}`)))
  })

  afterAll(async () => {
    await fleet?.close()
    await proxy?.stop()
    await server?.stop()
  })

  it(`shows no user another's data in ${READS.toLocaleString('en')} reads, and replaces each connection`, async () => {
    const answers = { right: 0, refused: 0, wrong: 0 }
    const connectionsBefore = proxy.connectionsMade
    let lost = 0
    await rounds(
      READS,
      async (round) => {
        if (round % INTERVAL === 0) {
          const strike = (round / INTERVAL) % 3 === 0 ? proxy.loseNextReply : proxy.loseHalfOfNextReply
          void strike(({ request }) => request.includes('holdfast_load_')).then(() => lost++)
        }
        const number = (round * 7) % USERS
        const page = await users[number]!.send({ path: '/state', url: fleet.url(round) })
        if (page.status === 503) answers.refused++
        else if (page.status === 200 && page.json<Shown>().subject === `u${number}`) answers.right++
        else answers.wrong++
      },
      16,
    )
    expect(answers.wrong).toBe(0)
    expect(lost).toBeGreaterThan(READS / INTERVAL / 2)
    expect(answers.refused).toBeGreaterThan(0)
    expect(answers.right).toBeGreaterThan(READS / 2)
    expect(proxy.connectionsMade - connectionsBefore).toBeGreaterThanOrEqual(lost)
  }, 180_000)
})
