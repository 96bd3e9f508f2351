import { setTimeout as delay } from 'node:timers/promises'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { NodeGate } from './node-gate.ts'
import { randomScript } from './testing/random-script.ts'
import { play } from './testing/stage.ts'

const GATES = [
  { when: 'after 5 ms', finishes: [() => delay(5)], hasTicks: false, numRuns: 100 },
  { when: 'by two engines', finishes: [() => delay(2), () => delay(2)], hasTicks: false, numRuns: 100 },
  { when: 'at once', finishes: [() => undefined], hasTicks: true, numRuns: 75 },
]

/** Guards against a form or an order of calls that nobody thought of. */
it.each(GATES)(
  'any calls have the same effects on a response that is let go $when',
  { timeout: 60_000 },
  async ({ finishes, hasTicks, numRuns }) => {
    const property = fc.asyncProperty(randomScript({ hasTicks }), async (script) => {
      const plain = await play(script, () => undefined)
      const gated = await play(script, (response) => {
        for (const finish of finishes) new NodeGate(response, { finish, fail: rethrow }).arm()
      })
      expect(gated).toEqual(plain)
    })
    await fc.assert(property, { numRuns })
  },
)

function rethrow(error: unknown): never {
  throw error
}
