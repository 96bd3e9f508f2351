/** What a run is told on the command line. */
import { parseArgs } from 'node:util'

import { GROUPS, type Group, QUICK_GROUPS, selectGroups } from './groups.ts'
import { SCENARIOS, type Scenario, scenarioNamed } from './scenarios.ts'

/** What can be measured. */
export type Part = 'http' | 'growth' | 'memory'

const PARTS: readonly Part[] = ['http', 'growth', 'memory']

export interface RunOptions {
  readonly parts: readonly Part[]
  readonly groups: readonly Group[]
  readonly scenarios: readonly Scenario[]
  readonly invocations: number
  readonly rounds: number
  readonly seconds: number
  readonly spentShots: number
  readonly warmUpRequests: number
  readonly latencySeconds: number
  readonly rate: number
  /** Which load generator; without one, wrk where there is one. */
  readonly load: string | undefined
  /** Where results go; without one, to `.cache/bench.json`. */
  readonly json: string | undefined
  /** Results to show again, instead of measuring. */
  readonly from: string | undefined
  /** Whether to renew docs/benchmarks.md and its plots. */
  readonly writes: boolean
  /** Whether growth goes up to ten million records. */
  readonly isHuge: boolean
  /** The most sessions or records of growth and memory. */
  readonly most: number
  /** Keeps CPU profiles of the servers in this folder. */
  readonly profile: string | undefined
}

export const HELP = `npm run bench -- [options]

  --quick               one group for each framework, three scenarios, two rounds
  --only a,b            these contenders, each beside the bare framework
  --scenario x,y        these scenarios
  --part http,growth,memory
  --json FILE           where the results go (.cache/bench.json)
  --from FILE           show results again, measure nothing
  --write               renew docs/benchmarks.md and its plots
  --invocations N       fresh processes (3)
  --rounds N            rounds for each of them (3)
  --seconds N           of each load (1; quick 0.5)
  --requests N          of each load of logins or logouts (4000)
  --warm-up N           requests before a cell is timed (40000; quick 16000), for at most 20 s
  --latency N           seconds of open loop (2; quick 0); 0: none
  --rate N              requests per second of open loops (1000)
  --load wrk|autocannon
  --huge                let growth go up to ten million records
  --most N              sessions or records at most in growth and memory, for a first look
  --profile FOLDER      keep CPU profiles of the servers
  --source              run the packages from their sources, not as they are built

Contenders and scenarios: see benchmarks/src/contenders.ts and scenarios.ts.
`

/** Reads the command line. Answers `'help'` where that is what it asks for. */
export function readOptions(args: readonly string[]): RunOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      scenario: { type: 'string', default: '' },
      part: { type: 'string' },
      json: { type: 'string' },
      from: { type: 'string' },
      write: { type: 'boolean', default: false },
      invocations: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      requests: { type: 'string' },
      'warm-up': { type: 'string' },
      latency: { type: 'string' },
      rate: { type: 'string' },
      load: { type: 'string' },
      huge: { type: 'boolean', default: false },
      most: { type: 'string' },
      profile: { type: 'string' },
      source: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const isQuick = values.quick
  const only = listOf(values.only)
  const scenarios = listOf(values.scenario)
  const isSelected = only.length > 0 || scenarios.length > 0
  return {
    parts: values.part === undefined ? (isQuick || isSelected ? ['http'] : PARTS) : partsOf(values.part),
    groups: selectGroups(isQuick ? QUICK_GROUPS : GROUPS, only),
    scenarios:
      scenarios.length > 0
        ? scenarios.map(scenarioNamed)
        : isQuick
          ? ['none', 'read350', 'write350'].map(scenarioNamed)
          : SCENARIOS,
    invocations: numberOf('invocations', values.invocations, isQuick ? 1 : 3),
    rounds: numberOf('rounds', values.rounds, isQuick ? 2 : 3),
    seconds: numberOf('seconds', values.seconds, isQuick ? 0.5 : 1),
    spentShots: numberOf('requests', values.requests, 4000),
    warmUpRequests: numberOf('warm-up', values['warm-up'], isQuick ? 16_000 : 40_000),
    latencySeconds: numberOf('latency', values.latency, isQuick ? 0 : 2),
    rate: numberOf('rate', values.rate, 1000),
    load: values.load,
    json: values.json,
    from: values.from,
    writes: values.write,
    isHuge: values.huge,
    most: numberOf('most', values.most, Infinity),
    profile: values.profile,
  }
}

function listOf(text: string): string[] {
  return text.split(',').filter(Boolean)
}

function partsOf(text: string): Part[] {
  return listOf(text).map((name) => {
    const part = PARTS.find((one) => one === name)
    if (part === undefined) throw new Error(`There is no part "${name}". There are: ${PARTS.join(', ')}.`)
    return part
  })
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} ${text} is no number.`)
  return value
}
