/** How many sessions a subject may have, where the keys of its sessions lie on different servers. */
import { createSessions, type LimitPolicy, type Sessions } from '@holdfast/core'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startRedisCluster, startRedisSentinel } from '../../src/index.ts'
import { type OpenedStore, openStore, type SharedStore } from '../fleet/shared-store.ts'
import { type Answered, request } from './request.ts'

const LOGINS = 100
const LIMIT = 3
const ENGINES = 4
const POLICIES: readonly LimitPolicy[] = ['oldest', 'newest', 'refuse']
/** How long servers take on a busy machine is not what this is about. */
const PATIENT = { storeDeadline: '20s', commitDeadline: '50s' } as const

/** Asks again as long as the store cannot answer, as a user does: a busy machine may cost a store its connection. */
async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error
      await delay(100)
    }
  }
}

const DEPLOYMENTS = [
  {
    name: 'a Redis Cluster',
    start: async (): Promise<{ choice: SharedStore; stop: () => Promise<void> }> => {
      const cluster = await startRedisCluster({ replicas: 0 })
      const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
      return { choice: { type: 'cluster', nodes }, stop: () => cluster.stop() }
    },
  },
  {
    name: 'Redis behind Sentinel',
    start: async (): Promise<{ choice: SharedStore; stop: () => Promise<void> }> => {
      const { name, sentinels, stop } = await startRedisSentinel()
      return { choice: { type: 'sentinel', name, sentinels }, stop }
    },
  },
]

describe.each(DEPLOYMENTS)('four engines over $name', ({ start }) => {
  let deployment: Awaited<ReturnType<typeof start>>
  const opened: OpenedStore[] = []
  const made: Sessions[] = []

  beforeAll(async () => {
    deployment = await start()
    for (let count = 0; count < ENGINES; count++) opened.push(await openStore(deployment.choice))
  })
  afterAll(async () => {
    await Promise.all(made.map((engine) => engine.close()))
    await Promise.all(opened.map((one) => one.close()))
    await deployment?.stop()
  })

  it.each(POLICIES)(`CS-17: leave exactly ${LIMIT} sessions after ${LOGINS} logins at once (%s)`, async (policy) => {
    const subject = `ann, ${policy}`
    const engines = opened.map(({ store }) =>
      createSessions({ ...PATIENT, store, maxSessions: { limit: LIMIT, policy } }),
    )
    made.push(...engines)
    const engineOf = (index: number): Sessions => engines[index % ENGINES]!
    const logins = await Promise.allSettled(
      Array.from({ length: LOGINS }, (_, index) =>
        insist(() => request(engineOf(index), undefined, (s) => s.login(subject))),
      ),
    )
    const cookies = logins.map((login) => (login.status === 'fulfilled' ? login.value.cookie : undefined))
    const states = await Promise.all(
      cookies.map(async (cookie, index) => {
        if (cookie === undefined) return (logins[index] as PromiseRejectedResult).reason.code as string
        // Not by the engine that signed it in, which may have it in its cache.
        const ask = (): Promise<Answered<string | undefined>> =>
          request(engineOf(index + 1), cookie, (s) => s.subject ?? s.endedBecause?.reason)
        const { result } = await insist(ask)
        return result
      }),
    )
    const others = policy === 'refuse' ? 'ERR_TOO_MANY_SESSIONS' : 'limit'
    const counts = new Map<string | undefined, number>()
    for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ [subject]: LIMIT, [others]: LOGINS - LIMIT })
    expect((await engines[0]!.list(subject)).sessions).toHaveLength(LIMIT)
  })
})
