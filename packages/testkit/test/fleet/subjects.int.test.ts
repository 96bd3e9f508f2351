/** What processes must agree on about the sessions of one subject, with nothing but the store between them. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'
import { openStore, type OpenedStore, type SharedStore } from './shared-store.ts'
import { SHARED_STORES } from './shared-stores.ts'

const TOGETHER = 100
const LIMIT = 3
const RENEW_EVERY = 2_000

/** A busy machine must not fail a request: how long a store takes is not what these tests are about. */
const PATIENT = { storeDeadline: 10_000, commitDeadline: 30_000 }

describe.each(SHARED_STORES)('four processes over $name', ({ create }) => {
  let choice: SharedStore
  let witness: OpenedStore
  const fleets: Fleet[] = []

  beforeAll(async () => {
    choice = await create()
    witness = await openStore(choice)
  })
  afterAll(async () => {
    await Promise.all(fleets.map((fleet) => fleet.close()))
    await witness?.close()
  })

  async function started(engine: Parameters<typeof startFleet>[0] extends (turn: number) => infer S ? S : never) {
    const fleet = await startFleet(() => engine)
    fleets.push(fleet)
    return fleet
  }

  const keysOf = async (subject: string): Promise<string[]> => {
    const { signal } = new AbortController()
    const { sessions } = await witness.store.listSubject!(subject, { limit: 1000 }, { signal })
    return sessions.map(({ key }) => key)
  }

  it(`CS-9: replace an old token once, however many requests come with it: ${TOGETHER} at once`, async () => {
    const fleet = await started({ store: choice, engine: { ...PATIENT, renewEvery: RENEW_EVERY } })
    for (const round of [0, 1]) {
      const user = fleet.browser(round)
      await user.post(`/login?user=ann-${round}`)
      const [before] = await keysOf(`ann-${round}`)
      const old = user.cookie
      await delay(RENEW_EVERY + 100)
      const pages = await Promise.all(
        Array.from({ length: TOGETHER }, (_, index) =>
          index % 4 === 0
            ? user.send({ method: 'POST', path: '/increment', url: fleet.url(index), cookie: old })
            : user.send({ path: '/state', url: fleet.url(index), cookie: old }),
        ),
      )
      for (const { status } of pages) expect(status).toBe(200)
      expect(new Set(pages.flatMap(({ setCookies }) => setCookies)).size).toBe(1)
      for (const page of pages.filter((_, index) => index % 4 > 0)) {
        expect(page.json<Shown>()).toMatchObject({ subject: `ann-${round}` })
      }
      const keys = await keysOf(`ann-${round}`)
      expect(keys).toHaveLength(1)
      expect(keys).not.toContain(before)
      expect((await user.get('/state')).json<Shown>()).toMatchObject({ fields: { n: TOGETHER / 4 } })
    }
  })

  it.each(['oldest', 'newest', 'refuse'] as const)(
    `ASVS 7.1.2, CS-17: leave ${LIMIT} sessions of a subject after ${TOGETHER} logins at once, policy '%s'`,
    async (policy) => {
      const engine = { ...PATIENT, maxSessions: { limit: LIMIT, policy } }
      const fleet = await started({ store: choice, engine })
      const users = Array.from({ length: TOGETHER }, (_, index) => fleet.browser(index))
      const pages = await Promise.all(users.map((user) => user.post(`/login?user=bob-${policy}`)))
      const admitted = pages.filter(({ status }) => status === 200)
      expect(admitted).toHaveLength(policy === 'refuse' ? LIMIT : TOGETHER)
      expect(await keysOf(`bob-${policy}`)).toHaveLength(LIMIT)
      const shown = await Promise.all(users.map((user) => user.get('/state')))
      const signedIn = shown.filter((page) => page.json<Shown>().subject !== null)
      expect(signedIn).toHaveLength(LIMIT)
    },
  )
})
