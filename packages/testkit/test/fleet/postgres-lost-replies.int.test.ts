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

/** Text that shows whose it is wherever it is cut. */
function textOf(number: number): string {
  return `u${number}.`.repeat(60)
}

function isOf(number: number, { subject, fields }: Shown): boolean {
  return subject === `u${number}` && fields['text'] === textOf(number)
}

/** On a busy machine a change may be refused. */
async function done(user: Browser, path: string): Promise<void> {
  let isDone = false
  for (let times = 0; times < 100 && !isDone; times++) isDone = (await user.post(path)).status === 200
  expect(isDone, path).toBe(true)
}

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
    await rounds(USERS, async (number) => {
      await done(users[number]!, `/login?user=u${number}`)
      await done(users[number]!, `/set?name=text&value=${textOf(number)}`)
    })
  })

  afterAll(async () => {
    await fleet?.close()
    await proxy?.stop()
    await server?.stop()
  })

  it(`shows no user another's data in ${READS.toLocaleString('en')} reads, and replaces each connection`, async () => {
    const answers = { right: 0, refused: 0 }
    const wrong: string[] = []
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
        else if (page.status === 200 && isOf(number, page.json())) answers.right++
        else wrong.push(`u${number}: ${page.status} ${page.body}`)
      },
      16,
    )
    const replaced = proxy.connectionsMade - connectionsBefore
    process.stdout.write(
      `| a reply or half of it lost, ${lost} times in ${READS} reads | ${wrong.length} wrong, ${answers.refused} refused, ${replaced} connections replaced |\n`,
    )
    expect(wrong.slice(0, 5), `${wrong.length} wrong answers`).toEqual([])
    expect(lost).toBeGreaterThan(READS / INTERVAL / 2)
    expect(answers.refused).toBeGreaterThan(0)
    expect(answers.right).toBeGreaterThan(READS / 2)
    expect(replaced).toBeGreaterThanOrEqual(lost)
  }, 180_000)
})
