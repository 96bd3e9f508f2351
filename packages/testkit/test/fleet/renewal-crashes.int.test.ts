import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type RedisCluster, startRedisCluster } from '../../src/index.ts'
import type { Announced } from './renewing-process.ts'
import { openStore, type OpenedStore, type SharedStore } from './shared-store.ts'
import { SHARED_STORES, type SharedStoreSetUp } from './shared-stores.ts'

const DEATHS = 6
/** How many of the latest renewals of a process are looked at: those before have long been answered. */
const LATEST = 40

let cluster: RedisCluster | undefined

const STORES: readonly SharedStoreSetUp[] = [
  ...SHARED_STORES,
  {
    name: 'Redis Cluster',
    async create() {
      cluster = await startRedisCluster()
      return { type: 'cluster', nodes: cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })) }
    },
  },
]

afterAll(() => cluster?.stop())

/** Lets a process renew sessions, kills it while it does, and answers what it had begun, the latest last. */
async function killedRenewing(choice: SharedStore, after: number): Promise<Announced[]> {
  const announced: Announced[] = []
  const child: ChildProcess = fork(new URL('./renewing-process.ts', import.meta.url), [JSON.stringify(choice)], {
    execArgv: ['--conditions=@holdfast/source'],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (message) => announced.push(message as Announced))
  await once(child, 'message')
  await delay(after)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  return announced
}

describe.each(STORES)('a process that is killed while it renews sessions in $name', ({ create }) => {
  let choice: SharedStore
  let witness: OpenedStore

  beforeAll(async () => {
    choice = await create()
    witness = await openStore(choice)
  })
  afterAll(() => witness?.close())

  it(`CS-9: leaves exactly one key of each that leads to it, and a listing shows that one: ${DEATHS} deaths`, async () => {
    const { store } = witness
    const { signal } = new AbortController()
    const outcomes = new Map<string, number>()
    for (let death = 0; death < DEATHS; death += 1) {
      const begun = await killedRenewing(choice, 50 + Math.random() * 200)
      await delay(100) // what it had sent is still carried out
      await Promise.all(
        begun.slice(-LATEST).map(async ({ subject, old, fresh }) => {
          // An orphan is met by the listing first, or by a request.
          const listFirst = death % 2 === 0
          const before = listFirst ? await store.listSubject!(subject, { limit: 10 }, { signal }) : undefined
          const [left, right] = [await store.load(old, { signal }), await store.load(fresh, { signal })]
          const after = await store.listSubject!(subject, { limit: 10 }, { signal })
          const outcome = `${left.outcome}, ${right.outcome === 'ended' ? 'absent' : right.outcome}`
          expect(['found, absent', 'moved, found']).toContain(outcome)
          if (left.outcome === 'moved') expect(left.alias.sealedToken).toHaveLength(53)
          const valid = left.outcome === 'found' ? old : fresh
          for (const { sessions } of [before ?? after, after]) expect(sessions.map(({ key }) => key)).toEqual([valid])
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        }),
      )
    }
    expect(outcomes.get('moved, found')).toBeGreaterThan(0)
    expect(outcomes.get('found, absent')).toBeGreaterThan(0)
  })
})
