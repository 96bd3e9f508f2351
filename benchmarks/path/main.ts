/**
 * `npm run bench:path -- [framework] [scenario]`: what a session adds to a request, on the whole path through Node's HTTP
 * server, framework and binding, but without the kernel's part.
 *
 * The bare framework, the floor and Holdfast take turns within one process, a few hundred requests each, so that whatever
 * else the machine does hits all of them. Medians of CPU, with quartiles. How far to trust them is told by the spread over
 * the slices, and by bare against bare. Shares are smaller than on sockets, since the kernel's part is missing in all.
 */
import type { Server } from 'node:http'

import type { ContenderModule, StoreKind, Surroundings } from '../contenders/contender.ts'
import type { Framework } from '../src/contenders.ts'
import { quantile } from '../src/statistics.ts'
import { ask } from './injected-connections.ts'
import { PATH_SCENARIOS, type PathScenario, visitorsOf } from './path-scenarios.ts'

process.env['NODE_ENV'] = 'production'

const FRAMEWORKS: readonly Framework[] = ['express', 'koa', 'fastify']
const SLICE = 320
const WARM_UP = 50_000

const SIDES = ['bare', 'again', 'floor', 'ours'] as const
type Side = (typeof SIDES)[number]
type Servers = Readonly<Record<Side, Server>>

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const option = (name: string, usual: string): string =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? usual
const slices = Number(option('slices', '100'))
const store = option('store', 'memory') as StoreKind
const only = option('only', '')
const chosen = <Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] => {
  const named = items.filter((item) => words.includes(nameOf(item)))
  return named.length === 0 ? items : named
}

for (const framework of chosen(FRAMEWORKS, (name) => name)) {
  const surroundings = { store, redisUrl: '', postgresUrl: '' }
  const bare = await started(`bare/${framework}.ts`, surroundings)
  const servers: Servers = {
    bare,
    again: bare,
    floor: await started(`floors/${framework}.ts`, surroundings),
    ours: await started(`holdfast/${framework}.ts`, surroundings),
  }
  for (const scenario of chosen(PATH_SCENARIOS, ({ name }) => name)) await compare(framework, scenario, servers)
}
process.exit()

async function started(module: string, surroundings: Surroundings): Promise<Server> {
  const url = new URL(`../contenders/${module}`, import.meta.url)
  return ((await import(url.href)) as ContenderModule).start(surroundings)
}

async function compare(framework: Framework, scenario: PathScenario, servers: Servers): Promise<void> {
  const sides: (readonly [Side, () => Promise<number>])[] = []
  for (const name of SIDES) if (only === '' || only === name) sides.push([name, await side(servers[name], scenario)])
  const micros: Record<Side, number[]> = { bare: [], again: [], floor: [], ours: [] }
  for (let slice = 0; slice < slices; slice++) {
    for (const [name, measure] of slice % 2 === 0 ? sides : sides.toReversed()) micros[name].push(await measure())
  }
  const ofBare = (name: Side): string =>
    interval(
      micros[name].map((cost, slice) => micros.bare[slice]! / cost),
      3,
    )
  const added = interval(
    micros.ours.map((cost, slice) => cost - micros.bare[slice]!),
    1,
  )
  const best = (['bare', 'floor', 'ours'] as const).map((name) => Math.min(...micros[name]).toFixed(1)).join(' / ')
  console.log(
    `${`${framework} ${scenario.name}`.padEnd(18)} ours ${ofBare('ours')}  floor ${ofBare('floor')}  ` +
      `bare again ${ofBare('again')}  added us ${added}  best us bare / floor / ours ${best}`,
  )
}

/** The median, and between which quartiles. */
function interval(values: readonly number[], digits: number): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share).toFixed(digits))
  return `${middle} [${low} ${high}]`
}

/** Answers what measures one slice of a scenario, in CPU microseconds for each request. */
async function side(server: Server, scenario: PathScenario): Promise<() => Promise<number>> {
  const { connections, requests } = await visitorsOf(server, scenario)
  await ask(connections, requests, WARM_UP)
  return async () => {
    const before = process.cpuUsage()
    await ask(connections, requests, SLICE)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / SLICE
  }
}
