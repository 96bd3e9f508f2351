import { assertEnded, assertKept, assertMoved, assertOutcome, assertTombstone } from './assertions.ts'
import { LONG_IDLE, nextRecord, sampleRecord } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const createTheme: StoreTheme = {
  name: 'create',
  cases: [
    {
      rule: 'create keeps a record under a free key, with the idle deadline it offers',
      async prove(trial) {
        const record = sampleRecord(trial.now(), { idleUntil: trial.now() + LONG_IDLE / 2 })
        assertOutcome(await trial.create(record), 'created', record.key)
        await assertKept(trial, record)
      },
    },
    {
      rule: 'create never overwrites a record',
      async prove(trial) {
        const record = await trial.given({ subject: 'first' })
        const other = sampleRecord(trial.now(), { key: record.key, subject: 'second' })
        assertOutcome(await trial.create(other), 'exists', record.key)
        await assertKept(trial, record)
      },
    },
    {
      rule: 'create never overwrites a later revision by an earlier one',
      async prove(trial) {
        const first = await trial.given()
        const second = nextRecord(first)
        assertOutcome(await trial.update(second), 'updated', first.key)
        const again = sampleRecord(trial.now(), { key: first.key })
        assertOutcome(await trial.create(again), 'exists', first.key)
        await assertKept(trial, second)
      },
    },
    {
      rule: 'create under a tombstone answers ended, with the tombstone, and keeps nothing',
      async prove(trial) {
        const { key, id } = await trial.given()
        const tombstone = await trial.givenTombstone(key, { id, reason: 'destroy' })
        const answer = await trial.create(sampleRecord(trial.now(), { key }))
        assertOutcome(answer, 'ended', key)
        assertTombstone(answer.tombstone, tombstone)
        await assertEnded(trial, key, tombstone)
      },
    },
    {
      rule: 'create under an alias answers exists, and the alias stays',
      async prove(trial) {
        const { key, alias } = await trial.givenRenewal(await trial.given())
        assertOutcome(await trial.create(sampleRecord(trial.now(), { key })), 'exists', key)
        await assertMoved(trial, key, alias)
      },
    },
  ],
}
