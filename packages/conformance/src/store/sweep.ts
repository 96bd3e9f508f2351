import assert from 'node:assert/strict'
import { assertAbsent, assertEnded, assertKept, assertMoved } from './assertions.ts'
import { SWEEPABLE } from './powers.ts'
import { RETENTION, SHORT_IDLE } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

export const sweepTheme: StoreTheme = {
  name: 'sweep',
  cases: [
    {
      rule: 'sweep leaves alone what lives, and what is over but still kept',
      power: SWEEPABLE,
      async prove(trial) {
        const live = await trial.given()
        const over = await trial.given({ idleTimeout: SHORT_IDLE })
        const ended = await trial.given()
        const tombstone = await trial.givenTombstone(ended.key)
        const { key, alias, record } = await trial.givenRenewal(await trial.given())
        await trial.reach(over.idleUntil + trial.margins().after)
        assert.equal(await sweep(trial), 0, 'nothing was due')
        await assertKept(trial, live)
        await assertKept(trial, over)
        await assertEnded(trial, ended.key, tombstone)
        await assertMoved(trial, key, alias)
        await assertKept(trial, record)
      },
    },
    {
      rule: 'sweep removes what is 60 s past its end, and answers how many entries that were',
      power: SWEEPABLE,
      isLong: true,
      async prove(trial) {
        const live = await trial.given()
        const touched = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.touch({ key: touched.key, idleUntil: live.idleUntil })
        const over = await trial.given({ idleTimeout: SHORT_IDLE })
        const ended = await trial.given()
        await trial.end(ended.key)
        const { key } = await trial.givenRenewal(live)
        await trial.reach(over.idleUntil + RETENTION + trial.margins().after)
        assert.equal(await sweep(trial), 3, 'a record, a tombstone and an alias were due')
        assert.equal(await sweep(trial), 0, 'nothing was left to do')
        for (const gone of [over.key, ended.key, key]) await assertAbsent(trial, gone)
        await assertKept(trial, touched, live.idleUntil)
      },
    },
  ],
}

async function sweep(trial: Trial): Promise<number> {
  assert.ok(SWEEPABLE.isIn(trial.store))
  return trial.store.sweep(trial.call())
}
