/** Measures one group of contenders: all alive at once, one loaded at a time, in rounds there and back. */
import { setTimeout as delay } from 'node:timers/promises'

import { checkContender } from './check.ts'
import { ContenderProcess } from './contender-process.ts'
import type { Group } from './groups.ts'
import type { LoadGenerator, LoadResult } from './load/load.ts'
import { type Latency, measureLatency } from './load/open-loop.ts'
import { signIn } from './load/sign-in.ts'
import { warmUpBy } from './load/warm-up.ts'
import { countInstructions } from './machine/instructions.ts'
import type { Cell, Round } from './results.ts'
import type { Scenario } from './scenarios.ts'
import { type BackingStores, commandsBetween } from './stores/backing-stores.ts'

/** How much is measured, and with what. */
export interface Plan {
  readonly scenarios: readonly Scenario[]
  readonly invocations: number
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  /** Requests of a load that is bounded by their number. */
  readonly spentShots: number
  /** Requests that each cell answers before it is timed, so that its code is compiled. */
  readonly warmUpRequests: number
  /** Seconds of open loop for each cell and invocation; 0: none. */
  readonly latencySeconds: number
  /** Requests per second of open loops. */
  readonly rate: number
  readonly load: LoadGenerator
  readonly isPinned: boolean
  readonly countsInstructions: boolean
  readonly nodeFlags: readonly string[]
  readonly stores: BackingStores
  note(line: string): void
}

/** Milliseconds in which requests end whose clients were told to stop. */
const SETTLING = 20

/** Measures all cells of a group, in fresh processes for each invocation. */
export async function measureGroup(group: Group, plan: Plan): Promise<Cell[]> {
  const cells = new Map<string, { cell: Cell; rounds: Round[]; latencies: Latency[] }>()
  const cellOf = (contender: string, { name }: Scenario): { rounds: Round[]; latencies: Latency[] } => {
    const key = `${contender} ${name}`
    const rounds: Round[] = []
    const latencies: Latency[] = []
    const cell: Cell = { group: group.name, contender, scenario: name, rounds, latencies }
    const entry = cells.get(key) ?? { cell, rounds, latencies }
    cells.set(key, entry)
    return entry
  }

  for (let invocation = 0; invocation < plan.invocations; invocation++) {
    const urls = await plan.stores.renew()
    const processes: ContenderProcess[] = []
    try {
      for (const contender of group.contenders) {
        const started = await ContenderProcess.launch(contender, { ...plan, ...urls })
        processes.push(started)
        await checkContender(contender, started.port)
      }
      for (const scenario of plan.scenarios) {
        const entrants = await Promise.all(
          processes
            .filter((one) => !one.contender.skips.includes(scenario.name))
            .map((one) => enter(one, scenario, plan)),
        )
        for (const entrant of entrants) await warmUp(entrant, plan)
        for (let round = 0; round < plan.rounds; round++) {
          for (const entrant of round % 2 === 0 ? entrants : entrants.toReversed()) {
            const measured = await measureRound(entrant, plan)
            cellOf(entrant.process.contender.name, scenario).rounds.push({ invocation, ...measured })
          }
        }
        if (plan.latencySeconds > 0) {
          for (const entrant of entrants) {
            cellOf(entrant.process.contender.name, scenario).latencies.push(await latencyOf(entrant, plan))
          }
        }
        plan.note(`${group.name}: ${scenario.name}, ${invocation + 1} of ${plan.invocations}`)
      }
    } finally {
      await Promise.all(processes.map((one) => one.stop()))
    }
  }
  return [...cells.values()].map(({ cell }) => cell)
}

/** A contender that is ready for one scenario. */
interface Entrant {
  readonly process: ContenderProcess
  readonly scenario: Scenario
  readonly cookies: readonly string[]
}

async function enter(process: ContenderProcess, scenario: Scenario, plan: Plan): Promise<Entrant> {
  const { sessions, size } = scenario
  const cookies = sessions === 'each' || sessions === 0 ? [] : await signIn(process.port, sessions, size)
  if (cookies.length > 1000) plan.note(`${process.contender.name}: ${cookies.length} sessions`)
  return { process, scenario, cookies }
}

async function warmUp(entrant: Entrant, plan: Plan): Promise<void> {
  await warmUpBy(plan.warmUpRequests, async () => (await prepare(entrant, plan, 0.5, plan.spentShots))())
}

async function measureRound(entrant: Entrant, plan: Plan): Promise<Omit<Round, 'invocation'>> {
  const { process, scenario } = entrant
  const { stores, seconds, spentShots } = plan
  const work = await prepare(entrant, plan, seconds, spentShots)
  if (scenario.isRehearsed) await work()
  await delay(SETTLING)
  const commands = await stores.redisCommands()
  const before = await process.usage()
  const { result, instructions } = plan.countsInstructions
    ? await countInstructions(process.pid, work)
    : { result: await work(), instructions: null }
  await delay(SETTLING)
  const after = await process.usage()
  if (result.requests === 0) throw new Error(`${process.contender.name} answered no request of ${scenario.name}.`)
  const queries = after.queries - before.queries
  return {
    ...result,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    instructions,
    storeCommands: {
      ...commandsBetween(commands, await stores.redisCommands()),
      ...(queries > 0 && { statements: queries }),
    },
    rss: after.rss,
  }
}

/** Does what has to be done before the clock runs, and answers the load. */
async function prepare(
  { process, scenario, cookies }: Entrant,
  { load: generator }: Plan,
  seconds: number,
  count: number,
): Promise<() => Promise<LoadResult>> {
  const presented = scenario.sessions === 'each' ? await signIn(process.port, count, scenario.size) : cookies
  const shots = scenario.shots(presented, count)
  const { connections, isSpent } = scenario
  return () => generator.run({ port: process.port, shots, connections, duration: isSpent ? 'spent' : seconds })
}

async function latencyOf({ process, scenario, cookies }: Entrant, plan: Plan): Promise<Latency> {
  const { rate, latencySeconds: seconds } = plan
  const count = Math.ceil(rate * seconds)
  const presented = scenario.sessions === 'each' ? await signIn(process.port, count, scenario.size) : cookies
  const { connections } = scenario
  return measureLatency({ port: process.port, shots: scenario.shots(presented, count), connections, rate, seconds })
}
