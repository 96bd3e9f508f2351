/** Results as tables of Markdown. */
import { contenderNamed } from '../contenders.ts'
import type { GrowthPoint, MemoryRow, Results } from '../results.ts'
import { SCENARIOS } from '../scenarios.ts'
import { median } from '../statistics.ts'
import { type CellSummary, summarize } from '../summary.ts'

const MIB = 2 ** 20
const MISSING = '–'

/** Writes all tables: each group and scenario, then growth and memory. */
export function tablesOf(results: Results): string {
  const summaries = summarize(results)
  const groups = [...new Set(summaries.map(({ cell }) => cell.group))]
  return [
    ...groups.map((group) =>
      groupSection(
        group,
        summaries.filter(({ cell }) => cell.group === group),
      ),
    ),
    ...(results.growth.length > 0 ? [growthSection(results.growth)] : []),
    ...(results.memory.length > 0 ? [memorySection(results.memory)] : []),
  ].join('\n')
}

function groupSection(group: string, summaries: readonly CellSummary[]): string {
  const parts = SCENARIOS.flatMap(({ name, title }) => {
    const rows = summaries.filter(({ cell }) => cell.scenario === name)
    return rows.length === 0 ? [] : [`**\`${name}\`**: ${title}\n\n${cellTable(rows)}`]
  })
  return `### ${capitalized(group)}\n\n${parts.join('\n')}`
}

function cellTable(rows: readonly CellSummary[]): string {
  return table(
    [
      'contender',
      'of bare, best / median',
      'CPU µs, best / median',
      'spread',
      'best peer',
      'k instr. added',
      'req/s, best / median',
      'p50 / p99 µs',
      'store commands',
      'RSS MiB',
    ],
    rows.map((row) => [
      contenderNamed(row.cell.contender).role === 'holdfast' ? `**${row.cell.contender}**` : row.cell.contender,
      row.ofBare === undefined ? MISSING : `${row.ofBare.best.toFixed(2)} / ${row.ofBare.median.toFixed(2)}`,
      `${row.cpu.best.toFixed(1)} / ${row.cpu.median.toFixed(1)}`,
      `±${(row.cpu.spread * 100).toFixed(0)} %`,
      row.peer === undefined ? MISSING : `${row.peer.times.toFixed(2)} × ${row.peer.name}`,
      row.addedInstructions === undefined ? MISSING : (row.addedInstructions / 1000).toFixed(0),
      `${thousands(row.rate.best)} / ${thousands(row.rate.median)}`,
      row.latency === undefined ? MISSING : `${row.latency.p50.toFixed(0)} / ${row.latency.p99.toFixed(0)}`,
      commandsText(row.storeCommands),
      (row.rss / MIB).toFixed(0),
    ]),
  )
}

function commandsText(commands: Readonly<Record<string, number>>): string {
  const parts = Object.entries(commands)
    .filter(([, count]) => count >= 0.005)
    .map(([name, count]) => `${count.toFixed(2)} ${name}`)
  return parts.length === 0 ? '0' : parts.join(', ')
}

function growthSection(points: readonly GrowthPoint[]): string {
  const rows = points.map(({ contender, place, count, cpuMicros }) => {
    const first = points.find((one) => one.contender === contender && one.place === place)
    const best = Math.min(...cpuMicros)
    return [
      place,
      contender,
      thousands(count),
      `${best.toFixed(1)} / ${median(cpuMicros).toFixed(1)}`,
      (best / Math.min(...(first?.cpuMicros ?? []))).toFixed(2),
    ]
  })
  return `### Growth\n\n${table(['in', 'contender', 'sessions', 'CPU µs, best / median', 'of the first'], rows)}`
}

function memorySection(rows: readonly MemoryRow[]): string {
  return `### Memory\n\n${table(
    ['in', 'sessions', 'MiB', 'bytes for each'],
    rows.map(({ place, sessions, bytes }) => [
      place,
      thousands(sessions),
      (bytes / MIB).toFixed(1),
      (bytes / sessions).toFixed(0),
    ]),
  )}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return line(head) + line(head.map((_, index) => (index === 0 ? '---' : '---:'))) + rows.map(line).join('')
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
