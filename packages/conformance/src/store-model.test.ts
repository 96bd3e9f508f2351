import type { AnyStore } from '@holdfast/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { harnessOf, START, type BrokenStore } from './broken/stores/broken-store.ts'
import { brokenCreate } from './broken/stores/create.ts'
import { brokenEnd } from './broken/stores/end.ts'
import { brokenRenew } from './broken/stores/renew.ts'
import { brokenTouch } from './broken/stores/touch.ts'
import { brokenTrim } from './broken/stores/trim.ts'
import { brokenUpdate } from './broken/stores/update.ts'
import { Pair } from './model/pair.ts'
import { step, type Step } from './model/step.ts'
import { StoreModel } from './model/store-model.ts'
import { Trial } from './store/trial.ts'

/** All answers that a write can get. */
const ANSWERS = Object.entries({
  create: ['created', 'ended', 'exists'],
  end: ['absent', 'ended'],
  renew: ['absent', 'conflict', 'ended', 'exists', 'moved', 'renewed'],
  update: ['absent', 'conflict', 'ended', 'moved', 'updated'],
}).flatMap(([verb, outcomes]) => outcomes.map((outcome) => `${verb} ${outcome}`))

/** Of the others only the suite can tell: they need more time, or more aliases at once, than the steps bring about. */
const TRIMS_IN_SIGHT = brokenTrim.filter(({ fault }) => /does nothing|at once|from now/.test(fault))

const steps = fc.array(step, { maxLength: 60, size: 'max' })

/** Lets a store and the model of it go through all steps, and compares them after each. */
async function play(given: readonly Step[], make: BrokenStore['make'] = (sound): AnyStore => sound): Promise<Pair> {
  const pair = new Pair(new StoreModel(START), new Trial(harnessOf(make)))
  for (const each of given) {
    await each.take(pair)
    await pair.assertAgreement()
  }
  return pair
}

describe('the life of records', () => {
  it('agrees with the model, whatever happens in whatever order', async () => {
    const answers = new Set<string>()
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        for (const answer of (await play(given)).answers) answers.add(answer)
      }),
      { numRuns: 500 },
    )
    expect([...answers].toSorted(), 'the steps must be such that every answer comes up').toEqual(ANSWERS)
  })

  for (const { fault, make } of [
    ...brokenCreate,
    ...brokenUpdate,
    ...brokenTouch,
    ...brokenRenew,
    ...brokenEnd,
    ...TRIMS_IN_SIGHT,
  ]) {
    it(`disagrees with the model of a store with this fault: ${fault}`, async () => {
      const property = fc.asyncProperty(steps, async (given) => void (await play(given, make)))
      const { failed } = await fc.check(property, { numRuns: 500, seed: 2, endOnFailure: true })
      expect(failed).toBe(true)
    })
  }
})
