/** Measures whether a request costs the same however many sessions there are. */
import { ContenderProcess } from './contender-process.ts'
import { contenderNamed } from './contenders.ts'
import { signIn } from './load/sign-in.ts'
import { warmUpBy } from './load/warm-up.ts'
import type { Plan } from './measure-group.ts'
import type { GrowthPoint } from './results.ts'
import { scenarioNamed } from './scenarios.ts'
import { fillStore } from './stores/fill-store.ts'

/** Sessions that are read in turn where a store is filled with others. */
const READ_IN_TURN = 1000

/** How far growth goes. */
export interface GrowthOptions {
  /** Up to ten million records. */
  readonly isHuge: boolean
  readonly most: number
}

interface Line {
  readonly contender: string
  readonly place: string
  readonly counts: readonly number[]
  /** Whether all sessions are read in turn, or only some beside many others. */
  readonly isAllRead: boolean
}

/** Measures each line in one process, from few sessions to many. */
export async function measureGrowth(plan: Plan, { isHuge, most }: GrowthOptions): Promise<GrowthPoint[]> {
  const local = [1, 10, 100, 1_000, 10_000, 100_000]
  const stored = [1_000, 10_000, 100_000, 1_000_000, ...(isHuge ? [10_000_000] : [])]
  const lines: readonly Line[] = [
    { contender: 'express-holdfast-memory', place: 'memory store', counts: local, isAllRead: true },
    { contender: 'express-holdfast-redis', place: 'local cache', counts: local, isAllRead: true },
    { contender: 'express-holdfast-redis-uncached', place: 'Redis', counts: stored, isAllRead: false },
    { contender: 'express-holdfast-postgres', place: 'Postgres', counts: stored, isAllRead: false },
  ]
  const points: GrowthPoint[] = []
  for (const line of lines) {
    const counts = line.counts.filter((count) => count <= most)
    points.push(...(await measureLine({ ...line, counts }, plan)))
  }
  return points
}

async function measureLine({ contender, place, counts, isAllRead }: Line, plan: Plan): Promise<GrowthPoint[]> {
  const urls = await plan.stores.renew()
  const started = await ContenderProcess.launch(contenderNamed(contender), { ...plan, ...urls })
  try {
    const points: GrowthPoint[] = []
    const cookies: string[] = []
    let others = 0
    for (const count of counts) {
      const read = isAllRead ? count : Math.min(count, READ_IN_TURN)
      cookies.push(...(await signIn(started.port, read - cookies.length, '350')))
      if (!isAllRead) {
        await fillStore(contenderNamed(contender).store, urls, count - read - others)
        others = count - read
      }
      points.push({ contender, place, count, cpuMicros: await measureReads(started, cookies, plan) })
      plan.note(`growth: ${place}, ${count}`)
    }
    return points
  } finally {
    await started.stop()
  }
}

async function measureReads(started: ContenderProcess, cookies: readonly string[], plan: Plan): Promise<number[]> {
  const { shots, connections } = scenarioNamed('read350')
  const terms = { port: started.port, shots: shots(cookies, 0), connections }
  // Once through all of them, so that what can be cached is.
  await plan.load.run({ ...terms, duration: 'spent' })
  await warmUpBy(plan.warmUpRequests, () => plan.load.run({ ...terms, duration: plan.seconds }))
  const costs: number[] = []
  for (let round = 0; round < plan.rounds * plan.invocations; round++) {
    await plan.load.run({ ...terms, duration: plan.seconds })
    const before = await started.usage()
    const { requests } = await plan.load.run({ ...terms, duration: plan.seconds })
    const after = await started.usage()
    if (requests === 0) throw new Error(`${started.contender.name} answered no request. Make rounds longer.`)
    costs.push((after.cpuMicros - before.cpuMicros) / requests)
  }
  return costs
}
