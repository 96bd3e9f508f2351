import { chooseLoad } from './load/choose-load.ts'
import { canCountInstructions } from './machine/instructions.ts'
import { thisMachine } from './machine/machine.ts'
import { pinThisProcess } from './machine/pinning.ts'
import { measureGrowth } from './measure-growth.ts'
import { type Plan, measureGroup } from './measure-group.ts'
import { SESSIONS, measureMemory } from './measure-memory.ts'
import type { RunOptions } from './options.ts'
import type { Cell, Results } from './results.ts'
import { BackingStores } from './stores/backing-stores.ts'

/** Measures what the options ask for. Everything that it starts has ended when it is done. */
export async function run(options: RunOptions, note: (line: string) => void): Promise<Results> {
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
    const cells: Cell[] = []
    if (parts.includes('http')) for (const group of groups) cells.push(...(await measureGroup(group, plan)))
    const growth = parts.includes('growth') ? await measureGrowth(plan, options) : []
    const memory = parts.includes('memory') ? await measureMemory(plan, Math.min(SESSIONS, options.most)) : []
    return { format: 1, takenAt, machine: thisMachine(), conditions, cells, growth, memory }
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
