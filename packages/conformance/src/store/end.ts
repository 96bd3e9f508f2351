import { assertAbsent, assertEnded, assertKept, assertMoved, assertOutcome, assertTombstone } from './assertions.ts'
import { LONG_IDLE, nextRecord, randomKey, sampleRecord, sampleRenewal, sampleTombstone } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const endTheme: StoreTheme = {
  name: 'end',
  cases: [
    {
      rule: 'end of a live session answers ended and leaves the tombstone',
      async prove(trial) {
        const { key, id } = await trial.given()
        const tombstone = sampleTombstone(trial.now(), { id })
        assertOutcome(await trial.end(key, tombstone), 'ended', key)
        await assertEnded(trial, key, tombstone)
      },
    },
    {
      rule: 'end leaves a tombstone even where nothing was, and answers absent',
      async prove(trial) {
        const key = randomKey()
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(key, tombstone), 'absent', key)
        await assertEnded(trial, key, tombstone)
        const answer = await trial.create(sampleRecord(trial.now(), { key }))
        assertOutcome(answer, 'ended', key)
        assertTombstone(answer.tombstone, tombstone)
      },
    },
    {
      rule: 'end of an ended session answers absent, and the first tombstone stays',
      async prove(trial) {
        const { key } = await trial.given()
        const tombstone = await trial.givenTombstone(key, { reason: 'logout' })
        const second = sampleTombstone(trial.now(), { reason: 'destroy' })
        assertOutcome(await trial.end(key, second), 'absent', key)
        await assertEnded(trial, key, tombstone)
      },
    },
    {
      rule: 'end of an alias ends the session it leads to, and then the old key, with grace or without',
      async prove(trial) {
        for (const grace of [0, 10_000]) {
          const { key, record } = await trial.givenRenewal(await trial.given(), { grace })
          const tombstone = sampleTombstone(trial.now())
          assertOutcome(await trial.end(key, tombstone), 'ended', key)
          await assertEnded(trial, record.key, tombstone)
          await assertEnded(trial, key, tombstone)
          assertOutcome(await trial.update(nextRecord(record)), 'ended', record.key)
        }
      },
    },
    {
      rule: 'end follows a chain of aliases to the session at its end',
      async prove(trial) {
        const first = await trial.givenRenewal(await trial.given())
        const second = await trial.givenRenewal(first.record)
        const third = await trial.givenRenewal(second.record)
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(first.key, tombstone), 'ended', first.key)
        for (const key of [third.record.key, third.key, second.key, first.key]) {
          await assertEnded(trial, key, tombstone)
        }
      },
    },
    {
      rule: 'end of an alias whose session has ended answers absent, and both tombstones lie',
      async prove(trial) {
        const { key, record } = await trial.givenRenewal(await trial.given())
        const first = await trial.givenTombstone(record.key)
        const second = sampleTombstone(trial.now())
        assertOutcome(await trial.end(key, second), 'absent', key)
        await assertEnded(trial, record.key, first)
        await assertEnded(trial, key, second)
      },
    },
    {
      rule: 'end of the new key leaves the alias under the old one',
      async prove(trial) {
        const { key, record, alias } = await trial.givenRenewal(await trial.given())
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(record.key, tombstone), 'ended', record.key)
        await assertEnded(trial, record.key, tombstone)
        await assertMoved(trial, key, alias)
      },
    },
    {
      rule: 'end is final: no verb brings the session back',
      async prove(trial) {
        const record = await trial.given()
        const tombstone = await trial.givenTombstone(record.key)
        const renewal = sampleRenewal(record, trial.now())
        const next = nextRecord(record)
        assertOutcome(await trial.update(next), 'ended', record.key)
        assertOutcome(await trial.update(next, 0), 'ended', record.key)
        assertOutcome(await trial.renew(renewal), 'ended', record.key)
        assertOutcome(await trial.create(record), 'ended', record.key)
        await trial.touch({ key: record.key, idleUntil: trial.now() + LONG_IDLE })
        await assertEnded(trial, record.key, tombstone)
        await assertAbsent(trial, renewal.record.key)
      },
    },
    {
      rule: 'end of one session leaves every other one alone',
      async prove(trial) {
        const [one, two] = [await trial.given({ subject: 'user-1' }), await trial.given({ subject: 'user-1' })]
        await trial.givenTombstone(one.key)
        await assertKept(trial, two)
      },
    },
  ],
}
