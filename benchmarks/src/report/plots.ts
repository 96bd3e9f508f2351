/** The plots of a run: file names and what is in them. */
import { type Framework, contenderNamed } from '../contenders.ts'
import type { GrowthPoint, MemoryRow, Results } from '../results.ts'
import { type ScenarioName, scenarioNamed } from '../scenarios.ts'
import { type CellSummary, summarize } from '../summary.ts'
import { type Bar, type Panel, barsPlot } from './bars-plot.ts'
import { linesPlot } from './lines-plot.ts'

export interface Plot {
  readonly file: string
  /** What it shows, for those who do not see it. */
  readonly alt: string
  readonly svg: string
}

const TITLES: Readonly<Record<Framework, string>> = { express: 'Express', koa: 'Koa', fastify: 'Fastify' }
const SHOWN: readonly ScenarioName[] = ['none', 'read350', 'read4k', 'write350']
const MIB = 2 ** 20

export function plotsOf(results: Results): Plot[] {
  const summaries = summarize(results)
  return [
    ...(Object.keys(TITLES) as Framework[]).flatMap((framework) => frameworkPlot(framework, summaries)),
    ...(results.growth.length > 0 ? [growthPlot(results.growth)] : []),
    ...(results.memory.length > 0 ? [memoryPlot(results.memory)] : []),
  ]
}

function frameworkPlot(framework: Framework, summaries: readonly CellSummary[]): Plot[] {
  const own = summaries.filter(({ cell }) => contenderNamed(cell.contender).framework === framework)
  const panels = SHOWN.flatMap((name): Panel[] => {
    const bars = barsOf(own.filter(({ cell }) => cell.scenario === name))
    return bars.length === 0 ? [] : [{ title: scenarioNamed(name).title, bars }]
  })
  if (panels.length === 0) return []
  const title = `${TITLES[framework]}: how much of the bare framework is left (1 = all of it), best round`
  return [{ file: `${framework}.svg`, alt: title, svg: barsPlot(title, panels) }]
}

/** A contender of several groups once: where it was best. */
function barsOf(summaries: readonly CellSummary[]): Bar[] {
  const best = new Map<string, number>()
  for (const { cell, ofBare } of summaries) {
    if (ofBare !== undefined) best.set(cell.contender, Math.max(best.get(cell.contender) ?? 0, ofBare.best))
  }
  return [...best]
    .toSorted(([, a], [, b]) => b - a)
    .map(([label, value]) => ({ label, value, shown: value.toFixed(2), style: contenderNamed(label).role }))
}

function growthPlot(points: readonly GrowthPoint[]): Plot {
  const places = [...new Set(points.map(({ place }) => place))]
  const series = places.map((place) => ({
    label: place,
    points: points
      .filter((one) => one.place === place)
      .map(({ count, cpuMicros }) => [count, Math.min(...cpuMicros)] as const),
  }))
  const title = 'CPU of a request that reads its session, by how many sessions there are'
  return { file: 'growth.svg', alt: title, svg: linesPlot(title, { x: 'sessions', y: 'µs' }, series) }
}

function memoryPlot(rows: readonly MemoryRow[]): Plot {
  const title = `MiB for ${(rows[0]?.sessions ?? 0).toLocaleString('en-US')} sessions of 350 B`
  const panelOf = (start: string): Panel => ({
    title: start,
    bars: rows
      .filter(({ place }) => place.startsWith(`${start}, `))
      .map(({ place, bytes }) => ({
        label: place.slice(start.length + 2),
        value: bytes / MIB,
        shown: (bytes / MIB).toFixed(0),
        style: /holdfast|local cache/i.test(place) ? 'holdfast' : 'peer',
      })),
  })
  const panels = ['process', 'Redis'].map(panelOf).filter(({ bars }) => bars.length > 0)
  return { file: 'memory.svg', alt: title, svg: barsPlot(title, panels) }
}
