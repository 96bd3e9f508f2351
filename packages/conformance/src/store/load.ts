import assert from 'node:assert/strict'
import type { SessionRecord } from '@holdfast/core'
import { assertAbsent, assertBytes, assertEnded, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { LONG_IDLE, nextRecord, randomKey, sampleRecord } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const loadTheme: StoreTheme = {
  name: 'load',
  cases: [
    {
      rule: 'load of a key under which nothing lies answers absent, and leaves nothing',
      async prove(trial) {
        const key = randomKey()
        await assertAbsent(trial, key)
        assertOutcome(await trial.create(sampleRecord(trial.now(), { key })), 'created', key)
      },
    },
    {
      rule: 'load answers the idle deadline as last touched, with the record',
      async prove(trial) {
        const record = await trial.given()
        const idleUntil = record.idleUntil + 60_000
        await trial.touch({ key: record.key, idleUntil })
        await assertKept(trial, record, idleUntil)
      },
    },
    {
      rule: 'load of an alias answers moved, whatever its grace',
      async prove(trial) {
        for (const grace of [0, 10_000]) {
          const { key, alias } = await trial.givenRenewal(await trial.given(), { grace })
          await assertMoved(trial, key, alias)
        }
      },
    },
    {
      rule: 'load of a tombstone answers ended, with reason, time, id and commit',
      async prove(trial) {
        for (const reason of ['logout', 'destroy', 'login', 'evicted'] as const) {
          const { key, id } = await trial.given()
          const tombstone = await trial.givenTombstone(key, { reason, id, at: trial.now() - 1 })
          await assertEnded(trial, key, tombstone)
        }
      },
    },
    {
      rule: 'load changes nothing, the idle deadline included',
      async prove(trial) {
        const record = await trial.given({ idleUntil: trial.now() + LONG_IDLE / 3 })
        for (let round = 0; round < 3; round += 1) {
          await trial.reach(trial.now() + 20)
          await assertKept(trial, record)
        }
        assertOutcome(await trial.update(nextRecord(record)), 'updated', record.key)
      },
    },
    {
      rule: 'a record given to a store is not shared with it',
      async prove(trial) {
        const record = sampleRecord(trial.now(), { body: Uint8Array.of(1, 2, 3) })
        const body = Uint8Array.from(record.body)
        await trial.create(record)
        record.body.fill(0xee)
        await assertKept(trial, { ...record, body })
        const next = nextRecord({ ...record, body }, { body: Uint8Array.of(4, 5, 6) })
        await trial.update(next)
        next.body.fill(0xee)
        await assertKept(trial, { ...next, body: Uint8Array.of(4, 5, 6) })
      },
    },
    {
      rule: 'a record that was answered is not shared with the store or with another answer',
      async prove(trial) {
        const record = await trial.given({ subject: 'user-1' })
        const [one, two] = await Promise.all([trial.load(record.key), trial.load(record.key)])
        const conflict = await trial.update(nextRecord(record), record.revision + 7)
        assertOutcome(one, 'found', record.key)
        assertOutcome(two, 'found', record.key)
        assertOutcome(conflict, 'conflict', record.key)
        assert.notEqual(one.record, two.record, 'two answers must not be the same object')
        vandalize(one.record)
        vandalize(conflict.record)
        assertBytes(two.record.body, record.body)
        await assertKept(trial, record)
      },
    },
  ],
}

/** Changes whatever lets itself be changed, as careless code would. */
function vandalize(record: SessionRecord): void {
  record.body.fill(0xee)
  Reflect.set(record, 'subject', 'someone else')
  Reflect.set(record, 'revision', 99)
  Reflect.set(record.commits, 0, 'vandalized')
}
