import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type FaultProxy, type PostgresServer, faultProxy, rounds, startPostgres } from '../../src/index.ts'
import { keyOf } from '../promises/stage.ts'
import { observedBy } from './faults/processes.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { Shown } from './routes.ts'
import { type OpenedStore, openStore } from './shared-store.ts'

/** Each commits five times. */
const USERS = 100

/** Long enough that no answer is late on a busy machine: here only lost ones count. */
const ENGINE = { storeDeadline: 5_000, commitDeadline: 15_000 }

type Verb = 'create' | 'update' | 'renew' | 'end'

describe('four processes whose commits to Postgres get no answer', () => {
  let server: PostgresServer
  let proxy: FaultProxy
  let fleet: Fleet
  let witness: OpenedStore

  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: 'off', statement_timeout: '10s' } })
    proxy = await faultProxy(server)
    witness = await openStore({ type: 'postgres', url: server.url })
    fleet = await startFleet(() => ({ store: { type: 'postgres', url: proxy.urlOf(server.url) }, engine: ENGINE }))
  })

  afterAll(async () => {
    await fleet?.close()
    await witness?.close()
    await proxy?.stop()
    await server?.stop()
  })

  /** Cuts what answers a verb that is about a user or a key, behind half of the reply or before it. */
  async function cut(verb: Verb, about: string | Buffer, isHalf: boolean): Promise<void> {
    const strike = isHalf ? proxy.cutNextReply : proxy.cutBeforeNextReply
    await strike(({ request }) => request.includes(`holdfast_${verb}_`) && request.includes(about))
  }

  const sessionsOf = async (subject: string): Promise<number> => {
    const { signal } = new AbortController()
    return (await witness.store.listSubject!(subject, { limit: 10 }, { signal })).sessions.length
  }

  it(`do each of ${USERS * 5} exactly once, and tell so, or that they do not know`, async () => {
    const told = { done: 0, unknown: 0 }
    await rounds(USERS, async (round) => {
      const user = fleet.browser()
      const subject = `cut<${round}>`
      // Where the answer to the engine's second attempt is cut as well, it cannot know.
      const isTwice = round % 4 === 3
      const status = isTwice ? 503 : 200
      const isHalf = round % 2 === 0
      let turn = round

      const lose = async (verb: Verb, path: string, about: string | Buffer = subject): Promise<void> => {
        const cuts = [cut(verb, about, isHalf)]
        if (isTwice) cuts.push(cut(verb, about, !isHalf))
        const place = `${path}${path.includes('?') ? '&' : '?'}round=${round}.${turn}`
        const page = await user.send({ method: 'POST', path: place, url: fleet.url(turn++) })
        await Promise.all(cuts)
        expect(page, place).toMatchObject({ status })
        told[isTwice ? 'unknown' : 'done']++
        if (!isTwice) return
        const errors = (await observedBy(fleet)).flatMap((observed) => observed.errors)
        expect(errors.find(({ url }) => url === place)).toMatchObject({ isOutcomeUnknown: true })
      }
      const shown = async (cookie = user.cookie): Promise<Shown> => {
        const page = await user.send({ path: '/state', url: fleet.url(turn++), cookie })
        expect(page.status).toBe(200)
        return page.json()
      }

      await lose('create', `/login?user=${encodeURIComponent(subject)}`)
      expect(await sessionsOf(subject)).toBe(1)
      if (isTwice) {
        // Nobody was told the token of that session, so the user signs in once more.
        expect(user.cookie).toBeUndefined()
        await user.post(`/login?user=${encodeURIComponent(subject)}`)
      }
      const sessions = isTwice ? 2 : 1

      await lose('update', '/increment')
      expect((await shown()).fields).toEqual({ n: 1 })
      await lose('update', '/increment')
      expect((await shown()).fields).toEqual({ n: 2 })

      const old = user.cookie!
      await lose('renew', '/renew')
      expect(await sessionsOf(subject)).toBe(sessions)
      if (isTwice) expect(user.cookie).toBe(old)
      else expect(await shown()).toMatchObject({ isNew: false, subject, fields: { n: 2 } })
      expect(await shown(old)).toMatchObject({ isNew: true })

      const last = user.cookie!
      await lose('end', '/logout', Buffer.from(keyOf(last), 'base64url'))
      expect(await sessionsOf(subject)).toBe(sessions - 1)
      expect(await shown(last)).toMatchObject({ isNew: true })
    })
    process.stdout.write(
      `| commit whose reply is cut, ${USERS * 5} times | ${told.done} done, ${told.unknown} unknown, each applied once |\n`,
    )
    expect(told).toEqual({ done: (USERS * 15) / 4, unknown: (USERS * 5) / 4 })
  }, 180_000)
})
