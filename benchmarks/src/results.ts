/** What a run leaves behind: numbers as they were measured, from which everything that is shown is worked out. */
import type { Latency } from './load/open-loop.ts'
import type { Machine } from './machine/machine.ts'
import type { ScenarioName } from './scenarios.ts'
import type { CommandCounts } from './stores/backing-stores.ts'

export interface Results {
  readonly format: 1
  readonly takenAt: string
  readonly machine: Machine
  readonly conditions: Conditions
  readonly cells: readonly Cell[]
  readonly growth: readonly GrowthPoint[]
  readonly memory: readonly MemoryRow[]
}

/** How a run was made. */
export interface Conditions {
  readonly load: string
  /** Whether servers had a CPU of their own. */
  readonly isPinned: boolean
  readonly countsInstructions: boolean
  /** Whether the packages were run as they are published, or from their sources. */
  readonly code: 'built' | 'sources'
  readonly invocations: number
  readonly rounds: number
  readonly seconds: number
  readonly rate: number
}

/** One contender in one scenario of one group. */
export interface Cell {
  readonly group: string
  readonly contender: string
  readonly scenario: ScenarioName
  readonly rounds: readonly Round[]
  readonly latencies: readonly Latency[]
}

/** One load of one contender. */
export interface Round {
  /** Counts fresh processes, from 0. */
  readonly invocation: number
  readonly requests: number
  readonly seconds: number
  /** User and system time of the server, all threads. */
  readonly cpuMicros: number
  /** `null` where they cannot be counted. */
  readonly instructions: number | null
  readonly storeCommands: CommandCounts
  readonly rss: number
}

/** What a request costs with so many sessions in a place. */
export interface GrowthPoint {
  readonly contender: string
  readonly place: string
  readonly count: number
  /** For each request, in microseconds, a value for each round. */
  readonly cpuMicros: readonly number[]
}

/** What so many sessions take somewhere. */
export interface MemoryRow {
  readonly place: string
  readonly sessions: number
  readonly bytes: number
}
