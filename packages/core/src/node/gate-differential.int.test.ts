import { describe, expect, it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'

import { NodeGate } from './node-gate.ts'
import { SCRIPTS } from './testing/scripts.ts'
import { play, type Preparation } from './testing/stage.ts'

/** The gates that nobody may notice. Guards the promise that a response is Node's own once its commit is acknowledged. */
const GATES: Record<string, Preparation> = {
  'nothing to wait for': (response) => arm(response, () => undefined),
  'an acknowledgement after 20 ms': (response) => arm(response, () => delay(20)),
  'an acknowledgement at once': (response) => arm(response, () => Promise.resolve()),
  'two engines': (response) => {
    arm(response, () => delay(10))
    arm(response, () => delay(10))
  },
}

function arm(response: Parameters<Preparation>[0], finish: () => Promise<void> | undefined): void {
  const fail = (error: unknown): never => {
    throw error
  }
  new NodeGate(response, { finish, fail }).arm()
}

describe.each(Object.entries(GATES))('a gate with %s is not to be noticed in', (_, prepare) => {
  it.concurrent.each(SCRIPTS)('$name', async (script) => {
    const plain = await play(script, () => undefined)
    const gated = await play(script, prepare)
    expect(gated).toEqual(plain)
    expect(plain.calls.length + plain.signals.length).toBeGreaterThan(0)
  })
})
