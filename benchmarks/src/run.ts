import { chooseLoad } from './load/choose-load.ts'
import { canCountInstructions } from './machine/instructions.ts'
import { thisMachine } from './machine/machine.ts'
import { pinThisProcess } from './machine/pinning.ts'
import { measureGrowth } from './measure-growth.ts'
import { type Plan, measureGroup } from './measure-group.ts'
import { SESSIONS, measureMemory } from './measure-memory.ts'
import type { RunOptions } from './options.ts'
import type { Results } from './results.ts'
import { BackingStores } from './stores/backing-stores.ts'

/** What a run tells while it goes on. */
export interface Listener {
  note(line: string): void
  /** Called with all results so far whenever there are more: a whole run takes hours. */
  keep(results: Results): void
}

/** Measures what the options ask for. Everything that it starts has ended when it is done. */
export async function run(options: RunOptions, { note, keep }: Listener): Promise<Results> {
  const { parts, groups, invocations, rounds, seconds, rate } = options
  const takenAt = new Date().toISOString()
  const isPinned = pinThisProcess()
  const load = await chooseLoad(options.load)
  const countsInstructions = await canCountInstructions()
  const conditions = {
    load: load.name,
    isPinned,
    countsInstructions,
    code: process.execArgv.some((flag) => flag.includes('@holdfast/source')) ? 'sources' : 'built',
    invocations,
    rounds,
    seconds,
    rate,
  } as const
  note(describe(conditions))

  const isWhole = parts.includes('growth') || parts.includes('memory')
  const stores = await BackingStores.startFor(isWhole ? 'all' : groups.flatMap(({ contenders }) => contenders))
  const plan: Plan = {
    ...options,
    load,
    isPinned,
    countsInstructions,
    nodeFlags: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
    stores,
    note,
  }
  try {
    let results: Results = { format: 1, takenAt, machine: thisMachine(), conditions, cells: [], growth: [], memory: [] }
    const add = (more: Partial<Results>): void => {
      results = { ...results, ...more }
      keep(results)
    }
    for (const group of parts.includes('http') ? groups : []) {
      add({ cells: [...results.cells, ...(await measureGroup(group, plan))] })
    }
    if (parts.includes('growth')) add({ growth: await measureGrowth(plan, options) })
    if (parts.includes('memory')) add({ memory: await measureMemory(plan, Math.min(SESSIONS, options.most)) })
    return results
  } finally {
    await stores.stop()
  }
}

function describe(conditions: Results['conditions']): string {
  const { load, isPinned, countsInstructions, code, invocations, rounds, seconds } = conditions
  return [
    `load by ${load}`,
    isPinned ? 'server and load on CPUs of their own' : 'server and load share all CPUs: results are rough',
    countsInstructions ? 'instructions counted' : 'no instruction counters on this machine',
    `packages as ${code === 'built' ? 'they are built' : 'their sources are'}`,
    `${invocations} × ${rounds} rounds of ${seconds} s`,
  ].join('; ')
}
