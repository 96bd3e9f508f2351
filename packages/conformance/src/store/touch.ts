import assert from 'node:assert/strict'
import { assertAbsent, assertEnded, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { LONG_IDLE, nextRecord, randomKey, sampleRecord, SHORT_IDLE } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const touchTheme: StoreTheme = {
  name: 'touch',
  cases: [
    {
      rule: 'touch moves an idle deadline later',
      async prove(trial) {
        const record = await trial.given()
        for (const later of [1_000, 60_000]) {
          await trial.touch({ key: record.key, idleUntil: record.idleUntil + later })
          await assertKept(trial, record, record.idleUntil + later)
        }
      },
    },
    {
      rule: 'touch lets a session live that would have ended',
      async prove(trial) {
        const record = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.touch({ key: record.key, idleUntil: record.idleUntil + LONG_IDLE })
        await trial.reach(record.idleUntil + trial.margins().after)
        assertOutcome(await trial.update(nextRecord(record)), 'updated', record.key)
      },
    },
    {
      rule: 'touch never shortens',
      async prove(trial) {
        const record = await trial.given()
        await trial.touch({ key: record.key, idleUntil: record.idleUntil - 60_000 })
        await assertKept(trial, record)
        await trial.touch({ key: record.key, idleUntil: 0 })
        await assertKept(trial, record)
      },
    },
    {
      rule: 'touch never revives a session past its idle deadline',
      async prove(trial) {
        const record = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.reach(record.idleUntil + trial.margins().after)
        await trial.touch({ key: record.key, idleUntil: trial.now() + LONG_IDLE })
        await assertKept(trial, record)
        assertOutcome(await trial.update(nextRecord(record)), 'absent', record.key)
      },
    },
    {
      rule: 'touch never moves a deadline past the absolute end',
      async prove(trial) {
        const record = await trial.given({ absoluteAt: trial.now() + LONG_IDLE * 2 })
        await trial.touch({ key: record.key, idleUntil: record.absoluteAt + 1 })
        await assertKept(trial, record, record.absoluteAt)
      },
    },
    {
      rule: 'touch leaves a record alone whose idle length is no longer the one it knows',
      async prove(trial) {
        const record = await trial.given()
        const idleUntil = record.idleUntil + 60_000
        await trial.touch({ key: record.key, idleUntil, idleTimeout: record.idleTimeout * 2 })
        await assertKept(trial, record)
        await trial.touch({ key: record.key, idleUntil, idleTimeout: record.idleTimeout })
        await assertKept(trial, record, idleUntil)
      },
    },
    {
      rule: 'touch never creates',
      async prove(trial) {
        const key = randomKey()
        await trial.touch({ key, idleUntil: trial.now() + LONG_IDLE })
        await assertAbsent(trial, key)
        assertOutcome(await trial.create(sampleRecord(trial.now(), { key })), 'created', key)
      },
    },
    {
      rule: 'touch leaves tombstones and aliases as they are, and what an alias leads to',
      async prove(trial) {
        const dead = await trial.given()
        const tombstone = await trial.givenTombstone(dead.key)
        const { key, alias, record } = await trial.givenRenewal(await trial.given())
        const idleUntil = trial.now() + LONG_IDLE * 2
        await trial.touch({ key: dead.key, idleUntil }, { key, idleUntil })
        await assertEnded(trial, dead.key, tombstone)
        await assertMoved(trial, key, alias)
        await assertKept(trial, record)
      },
    },
    {
      rule: 'touch reaches every live record of its batch, whatever else is in it',
      async prove(trial) {
        const records = await Promise.all(Array.from({ length: 20 }, () => trial.given()))
        const dead = await trial.given()
        await trial.givenTombstone(dead.key)
        const idleUntil = trial.now() + LONG_IDLE * 2
        const keys = [randomKey(), dead.key, ...records.map(({ key }) => key), randomKey()]
        await trial.touch(...keys.map((key) => ({ key, idleUntil })))
        for (const record of records) await assertKept(trial, record, idleUntil)
      },
    },
    {
      rule: 'touch keeps the latest of several deadlines for one key, in any order',
      async prove(trial) {
        const { key, ...record } = await trial.given()
        const offers = [1_000, 3_000, 2_000].map((later) => ({ key, idleUntil: record.idleUntil + later }))
        await trial.touch(...offers)
        await assertKept(trial, { key, ...record }, record.idleUntil + 3_000)
      },
    },
    {
      rule: 'touch of nothing is harmless',
      async prove(trial) {
        const record = await trial.given()
        await assert.doesNotReject(trial.touch())
        await assertKept(trial, record)
      },
    },
    {
      rule: 'touch changes no revision: an update that began before it still succeeds',
      async prove(trial) {
        const record = await trial.given()
        await trial.touch({ key: record.key, idleUntil: record.idleUntil + 5_000 })
        const next = nextRecord(record, { idleUntil: record.idleUntil + 9_000 })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await assertKept(trial, next)
      },
    },
  ],
}
