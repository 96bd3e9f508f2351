/** Puts a fleet under traffic and a fault, and asserts what must hold whatever the fault is. */
import { setTimeout as sleep } from 'node:timers/promises'

import { expect } from 'vitest'

import { measureLoopDelay } from '../../../src/index.ts'
import type { Fleet } from '../fleet.ts'
import type { SharedStore } from '../shared-store.ts'
import type { Answer } from './account.ts'
import { memoryOf, observedBy } from './processes.ts'
import { type Traffic, startTraffic } from './traffic.ts'
import { type Truth, assertTruth, openWitness } from './truth.ts'

export interface Ordeal {
  readonly name: string
  /** Milliseconds from the end of {@link strike} to {@link heal}. */
  readonly lasts: number
  strike(): Promise<unknown>
  /** Resolves as soon as the server could serve again. */
  heal(): Promise<unknown>
  /**
   * Whether the server may forget what it acknowledged: never; what came before `strike` was over; or what came
   * before all are served by the one that `heal` put in its place.
   */
  readonly loses?: 'before strike' | 'before heal'
  /** Whether some requests must have been refused, so that it is certain that the fault was felt. @default true */
  readonly isFelt?: boolean
  /** How long after {@link heal} all must be served, in milliseconds. @default 1000 */
  readonly within?: number
}

/** What was measured, in milliseconds where nothing else is said. */
export interface Endured extends Truth {
  readonly answers: number
  readonly refused: number
  readonly slowestRead: number
  readonly slowestWrite: number
  /** From `heal` to the last request that was sent and refused. */
  readonly servingAfter: number
  /** The longest time without a write that was acknowledged. */
  readonly gap: number
  readonly loopDelay: number
  /** Bytes, of the process that grew most. */
  readonly growth: number
}

/** The defaults of the engine. */
const STORE_DEADLINE = 250
const COMMIT_DEADLINE = 1_000
const WARM_UP = 600
const AFTERMATH = 700
const FLAT = 8 << 20

export async function endure(fleet: Fleet, choice: SharedStore, ordeal: Ordeal): Promise<Endured> {
  const { name, lasts, loses, isFelt = true, within = 1_000 } = ordeal
  const memory = await memoryOf(fleet)
  await observedBy(fleet)
  const loop = measureLoopDelay()
  const traffic = await startTraffic(fleet, name.replaceAll(/\W+/g, '-'))
  const { journal } = traffic
  // On a busy machine a master may be taken for dead at any time.
  if (loses === 'before heal') journal.lostBefore = Number.POSITIVE_INFINITY
  await sleep(WARM_UP)
  const warmedAt = performance.now()
  await ordeal.strike()
  if (loses === 'before strike') journal.lostBefore = performance.now()
  await sleep(lasts)
  await ordeal.heal()
  const healedAt = performance.now()
  await sleep(within)
  if (loses === 'before heal') journal.lostBefore = performance.now()
  await sleep(AFTERMATH)
  await traffic.stop()
  const observed = await observedBy(fleet)
  const loopDelay = Math.max(loop.stop(), ...observed.map(({ longestDelay }) => longestDelay))

  assertInTime(journal.answers, 5 * loopDelay)
  const refusals = journal.answers.filter(({ status }) => status === 503)
  const refused = refusals.filter(({ startedAt, duration }) => startedAt + duration > warmedAt)
  if (isFelt) expect(refused.length, 'requests refused').toBeGreaterThan(0)
  // Where timers are late by much of a deadline, the store's answers are as well.
  if (5 * loopDelay < STORE_DEADLINE) expect(refusals.length - refused.length, 'refused too early').toBe(0)
  const servingAfter = Math.max(0, ...refused.map(({ startedAt }) => startedAt - healedAt))
  expect(servingAfter, 'serving again').toBeLessThan(within + 5 * loopDelay)
  const truth = await witnessed(fleet, choice, traffic)
  const grown = (await memoryOf(fleet)).map((bytes, turn) => bytes - memory[turn]!)
  expect(Math.max(...grown), 'memory that a process gained').toBeLessThan(FLAT)
  return {
    ...truth,
    answers: journal.answers.length,
    refused: refused.length,
    slowestRead: slowest(journal.answers, true),
    slowestWrite: slowest(journal.answers, false),
    servingAfter,
    gap: gapOf(journal.answers),
    loopDelay,
    growth: Math.max(...grown),
  }
}

async function witnessed(fleet: Fleet, choice: SharedStore, traffic: Traffic): Promise<Truth> {
  const witness = await openWitness(choice)
  try {
    return await assertTruth(fleet, witness, traffic)
  } finally {
    await witness.close()
  }
}

/** A read asks the store once; a change loads, and then has the time of a commit. */
function assertInTime(answers: readonly Answer[], slack: number): void {
  const limitOf = ({ act }: Answer): number =>
    (act === 'read' ? STORE_DEADLINE : STORE_DEADLINE + COMMIT_DEADLINE) + slack
  expect(answers.filter((answer) => answer.duration > limitOf(answer)).slice(0, 10)).toEqual([])
}

function slowest(answers: readonly Answer[], areReads: boolean): number {
  return Math.max(...answers.filter(({ act }) => (act === 'read') === areReads).map(({ duration }) => duration))
}

function gapOf(answers: readonly Answer[]): number {
  const doneAt = answers
    .filter(({ act, status }) => act !== 'read' && status === 200)
    .map(({ startedAt, duration }) => startedAt + duration)
    .sort((a, b) => a - b)
  return Math.max(...doneAt.map((at, index) => at - (doneAt[index - 1] ?? at)))
}
