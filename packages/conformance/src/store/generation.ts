import assert from 'node:assert/strict'
import { GENERATIONAL } from './powers.ts'
import { RETENTION } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

export const generationTheme: StoreTheme = {
  name: 'generation',
  cases: [
    {
      rule: 'the generation is 0 at first, and then what it was raised to',
      power: GENERATIONAL,
      async prove(trial) {
        const first = Math.floor(trial.now())
        assert.equal(await read(trial), 0)
        assert.equal(await raise(trial, first), first, 'raising must answer what the generation is then')
        assert.equal(await read(trial), first)
        assert.equal(await raise(trial, first + 1), first + 1)
        assert.equal(await read(trial), first + 1)
      },
    },
    {
      rule: 'the generation never falls, and whoever would lower it is told what it is',
      power: GENERATIONAL,
      async prove(trial) {
        const first = Math.floor(trial.now())
        await raise(trial, first)
        assert.equal(await raise(trial, first - 1), first, 'raising must answer the greater generation')
        assert.equal(await raise(trial, first), first)
        assert.equal(await read(trial), first)
      },
    },
    {
      rule: 'of many who raise the generation at once, the greatest wins',
      power: GENERATIONAL,
      async prove(trial) {
        const first = Math.floor(trial.now())
        const wanted = Array.from({ length: 20 }, (_, index) => first + ((index * 7) % 20))
        const answers = await Promise.all(wanted.map((to) => raise(trial, to)))
        for (const [index, to] of wanted.entries()) assert.ok((answers[index] ?? 0) >= to, 'nobody may be told less')
        assert.equal(await read(trial), first + 19)
      },
    },
    {
      rule: 'the generation stays, however much time passes and whatever is swept',
      power: GENERATIONAL,
      isLong: true,
      async prove(trial) {
        const first = Math.floor(trial.now())
        await raise(trial, first)
        await trial.reach(first + RETENTION + trial.margins().after)
        await trial.store.sweep?.(trial.call())
        assert.equal(await read(trial), first)
      },
    },
    {
      rule: 'raising the generation leaves records alone',
      power: GENERATIONAL,
      async prove(trial) {
        const record = await trial.given({ subject: 'me' })
        await raise(trial, Math.floor(trial.now()))
        const { outcome } = await trial.load(record.key)
        assert.equal(outcome, 'found', 'what a generation ends is for the engine to say')
      },
    },
  ],
}

function read(trial: Trial): Promise<number> {
  assert.ok(GENERATIONAL.isIn(trial.store))
  return trial.store.generation(trial.call())
}

function raise(trial: Trial, to: number): Promise<number> {
  assert.ok(GENERATIONAL.isIn(trial.store))
  return trial.store.raiseGeneration(to, trial.call())
}
