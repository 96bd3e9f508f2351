import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { OfferedRecord } from '@holdfast/core'
import { COUNTABLE } from './powers.ts'
import { SHORT_IDLE, nextRecord, sampleRenewal } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

/** More than a store looks at in one step. */
const MANY = 600

export const countTheme: StoreTheme = {
  name: 'counts',
  cases: [
    {
      rule: 'live records are counted by what their bodies begin with',
      power: COUNTABLE,
      async prove(trial) {
        const [one, other] = [randomBytes(7), randomBytes(7)]
        await Promise.all([one, one, one, other].map((beginning) => trial.given(beginningWith(beginning))))
        assert.equal(await count(trial, one), 3)
        assert.equal(await count(trial, other), 1)
        assert.equal(await count(trial, randomBytes(7)), 0)
      },
    },
    {
      rule: 'a record that begins otherwise now is counted by what it begins with now',
      power: COUNTABLE,
      async prove(trial) {
        const [before, now] = [randomBytes(7), randomBytes(7)]
        const base = await trial.given(beginningWith(before))
        await trial.update(nextRecord(base, beginningWith(now)), base.revision)
        assert.equal(await count(trial, before), 0)
        assert.equal(await count(trial, now), 1)
        const next = nextRecord(nextRecord(base), { body: beginningWith(now).body, countedBy: undefined as never })
        await trial.update(next, base.revision + 1)
        assert.equal(await count(trial, now), 1, 'a record that begins as before is not offered to be counted again')
      },
    },
    {
      rule: 'a session that was renewed is counted once',
      power: COUNTABLE,
      async prove(trial) {
        const beginning = randomBytes(7)
        const base = await trial.given(beginningWith(beginning))
        await trial.renew(sampleRenewal(base, trial.now(), { record: beginningWith(beginning) }))
        assert.equal(await count(trial, beginning), 1)
      },
    },
    {
      rule: 'nothing is counted that has ended or passed its deadline',
      power: COUNTABLE,
      async prove(trial) {
        const beginning = randomBytes(7)
        const now = trial.now()
        const [ended] = await Promise.all([
          trial.given(beginningWith(beginning)),
          trial.given({ ...beginningWith(beginning), idleTimeout: SHORT_IDLE, idleUntil: now + SHORT_IDLE }),
          trial.given(beginningWith(beginning)),
        ])
        await trial.end(ended.key)
        assert.equal(await count(trial, beginning), 2)
        await trial.reach(now + SHORT_IDLE + trial.margins().after)
        assert.equal(await count(trial, beginning), 1)
      },
    },
    {
      rule: 'many records are counted to the last, each once',
      power: COUNTABLE,
      async prove(trial) {
        const beginning = randomBytes(7)
        for (let made = 0; made < MANY; made += 100) {
          await Promise.all(Array.from({ length: 100 }, () => trial.given(beginningWith(beginning))))
        }
        assert.equal(await count(trial, beginning), MANY)
      },
    },
  ],
}

function beginningWith(beginning: Uint8Array): Pick<OfferedRecord, 'body'> & { readonly countedBy: Uint8Array } {
  return { body: Buffer.concat([beginning, randomBytes(40)]), countedBy: beginning }
}

async function count(trial: Trial, beginning: Uint8Array): Promise<number> {
  assert.ok(COUNTABLE.isIn(trial.store))
  let sum = 0
  let after: string | undefined
  do {
    const step = await trial.store.countLive(beginning, after, trial.call())
    sum += step.count
    after = step.next
  } while (after !== undefined)
  return sum
}
