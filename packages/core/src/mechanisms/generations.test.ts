import { expect, it } from 'vitest'

import { createGenerations } from './generations.ts'
import type { GuardedStore } from './guard.ts'

it('never goes back when answers overtake each other: what has ended stays so', async () => {
  const answers: ((generation: number) => void)[] = []
  const store = {
    raiseGeneration: () => new Promise<number>((resolve) => answers.push(resolve)),
  } as unknown as GuardedStore
  const generations = createGenerations({ store, clock: { now: () => 1 }, isGenerational: true })
  const raised = [generations.raise(), generations.raise()]
  const [first, second] = answers as [(generation: number) => void, (generation: number) => void]
  second(6)
  await raised[1]
  first(5)
  await raised[0]
  expect(generations.known).toBe(6)
  expect([4, 5, 6].map((generation) => generations.isPast({ generation }))).toEqual([true, true, false])
})
