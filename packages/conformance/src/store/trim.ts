import assert from 'node:assert/strict'
import type { Trim } from '@holdfast/core'
import { assertAbsent, assertEnded, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { TRIMMABLE } from './powers.ts'
import { RETENTION, SHORT_IDLE } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

/** Longer than any case lasts. */
const LONG_GRACE = 3_600_000

export const trimTheme: StoreTheme = {
  name: 'trim',
  cases: [
    {
      rule: 'trim lets aliases go 60 s after the time it names, in one batch, and the session stays',
      power: TRIMMABLE,
      isLong: true,
      async prove(trial) {
        const { before, after } = trial.margins()
        const first = await trial.givenRenewal(await trial.given(), { grace: LONG_GRACE })
        const second = await trial.givenRenewal(await trial.given(), { grace: LONG_GRACE })
        const until = trial.now() + SHORT_IDLE
        await trim(trial, { key: first.key, until }, { key: second.key, until })
        await trial.reach(until + RETENTION - before)
        for (const { key, alias } of [first, second]) await assertMoved(trial, key, alias)
        await trial.reach(until + RETENTION + after)
        for (const { key, record } of [first, second]) {
          await assertAbsent(trial, key)
          await assertKept(trial, record)
        }
      },
    },
    {
      rule: 'trim never lets an alias stay longer',
      power: TRIMMABLE,
      isLong: true,
      async prove(trial) {
        const { key, alias } = await trial.givenRenewal(await trial.given())
        await trim(trial, { key, until: alias.at + LONG_GRACE })
        await trial.reach(trial.now() + RETENTION + trial.margins().after)
        await assertAbsent(trial, key)
      },
    },
    {
      rule: 'trim to a time that has passed keeps the alias for 60 s, so that no late write finds its key free',
      power: TRIMMABLE,
      async prove(trial) {
        const base = await trial.given()
        const { key, alias, record } = await trial.givenRenewal(base, { grace: LONG_GRACE })
        await trial.end(record.key)
        await trim(trial, { key, until: 0 })
        await assertMoved(trial, key, alias)
        assertOutcome(await trial.create(base), 'exists', key)
      },
    },
    {
      rule: 'trim leaves records, tombstones and unknown keys alone',
      power: TRIMMABLE,
      async prove(trial) {
        const live = await trial.given()
        const ended = await trial.given()
        const tombstone = await trial.givenTombstone(ended.key)
        const nowhere = 'A'.repeat(22)
        const until = trial.now()
        await trim(trial, ...[live.key, ended.key, nowhere].map((key) => ({ key, until })))
        await trial.reach(until + trial.margins().after)
        await assertKept(trial, live)
        await assertEnded(trial, ended.key, tombstone)
        assertOutcome(await trial.end(live.key), 'ended', live.key)
      },
    },
  ],
}

async function trim(trial: Trial, ...trims: readonly Trim[]): Promise<void> {
  assert.ok(TRIMMABLE.isIn(trial.store))
  await trial.store.trim(trims, trial.call())
}
