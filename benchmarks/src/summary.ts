/** What the numbers of a run say: each contender beside the bare framework that was alive with it. */
import { contenderNamed } from './contenders.ts'
import type { Cell, Results, Round } from './results.ts'
import { median, quantile, spread } from './statistics.ts'

/** One cell, worked out. Everything is for one request. */
export interface CellSummary {
  readonly cell: Cell
  /** CPU of the server, in microseconds. */
  readonly cpu: { readonly best: number; readonly median: number; readonly spread: number }
  /** CPU of the bare framework divided by ours: 1 is free. `undefined` where nothing bare was measured. */
  readonly ofBare: { readonly best: number; readonly median: number } | undefined
  /** CPU of the best peer with server-side sessions in the same group divided by ours, best rounds. */
  readonly peer: { readonly name: string; readonly times: number } | undefined
  /** Instructions more than the bare framework, best rounds. */
  readonly addedInstructions: number | undefined
  readonly rate: { readonly best: number; readonly median: number }
  /** Medians of open loops, in microseconds. */
  readonly latency: { readonly p50: number; readonly p99: number } | undefined
  readonly storeCommands: Readonly<Record<string, number>>
  readonly rss: number
}

export function summarize({ cells }: Results): CellSummary[] {
  return cells.map((cell) => {
    const beside = cells.filter(({ group, scenario }) => group === cell.group && scenario === cell.scenario)
    return summarizeCell(cell, beside)
  })
}

function summarizeCell(cell: Cell, beside: readonly Cell[]): CellSummary {
  const bare = beside.find(({ contender }) => contenderNamed(contender).role === 'bare')
  const cpus = cpusOf(cell)
  const rates = cell.rounds.map(({ requests, seconds }) => requests / seconds)
  const best = Math.min(...cpus)
  const own = instructionsOf(cell)
  const ofBare = bare && instructionsOf(bare)
  return {
    cell,
    cpu: { best, median: median(cpus), spread: spread(cpus) },
    ofBare: bare && { best: Math.min(...cpusOf(bare)) / best, median: median(cpusOf(bare)) / median(cpus) },
    peer: bestPeer(cell, beside, best),
    addedInstructions: own === undefined || ofBare === undefined ? undefined : own - ofBare,
    rate: { best: Math.max(...rates), median: median(rates) },
    latency:
      cell.latencies.length === 0
        ? undefined
        : {
            p50: median(cell.latencies.map(({ p50 }) => p50)),
            p99: median(cell.latencies.map(({ p99 }) => p99)),
          },
    storeCommands: commandsOf(cell.rounds),
    rss: quantile(
      cell.rounds.map(({ rss }) => rss),
      1,
    ),
  }
}

function cpusOf({ rounds }: Cell): number[] {
  return rounds.map(({ cpuMicros, requests }) => cpuMicros / requests)
}

function instructionsOf({ rounds }: Cell): number | undefined {
  const counted = rounds.flatMap(({ instructions, requests }) => (instructions === null ? [] : instructions / requests))
  return counted.length === 0 ? undefined : Math.min(...counted)
}

function bestPeer(cell: Cell, beside: readonly Cell[], best: number): CellSummary['peer'] {
  if (contenderNamed(cell.contender).role !== 'holdfast') return undefined
  const peers = beside
    .filter(({ contender }) => isServerSidePeer(contender))
    .map((one) => ({ name: one.contender, times: Math.min(...cpusOf(one)) / best }))
  return peers.toSorted((a, b) => a.times - b.times)[0]
}

function isServerSidePeer(name: string): boolean {
  const { role, store } = contenderNamed(name)
  return role === 'peer' && store !== 'cookie'
}

function commandsOf(rounds: readonly Round[]): Record<string, number> {
  const requests = rounds.reduce((sum, round) => sum + round.requests, 0)
  const totals: Record<string, number> = {}
  for (const { storeCommands } of rounds) {
    for (const [name, count] of Object.entries(storeCommands)) totals[name] = (totals[name] ?? 0) + count / requests
  }
  return totals
}
