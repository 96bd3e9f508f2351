import {
  assertAbsent,
  assertEnded,
  assertFound,
  assertKept,
  assertMoved,
  assertOutcome,
  assertTombstone,
} from './assertions.ts'
import { LONG_IDLE, nextRecord, sampleRecord } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const updateTheme: StoreTheme = {
  name: 'update',
  cases: [
    {
      rule: 'update replaces a record that has the expected revision, header and body',
      async prove(trial) {
        const record = await trial.given({ subject: undefined, persistent: false })
        const next = nextRecord(record, {
          subject: 'user-1',
          authenticatedAt: trial.now(),
          persistent: true,
          absoluteAt: record.absoluteAt + 60_000,
          idleUntil: record.idleUntil + 1,
        })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await assertKept(trial, next)
      },
    },
    {
      rule: 'update never creates',
      async prove(trial) {
        const record = nextRecord(sampleRecord(trial.now()))
        assertOutcome(await trial.update(record), 'absent', record.key)
        await assertAbsent(trial, record.key)
        const first = sampleRecord(trial.now())
        assertOutcome(await trial.update(first, 0), 'absent', first.key)
        await assertAbsent(trial, first.key)
      },
    },
    {
      rule: 'update of another revision answers conflict, with the current record and deadline, and changes nothing',
      async prove(trial) {
        const first = await trial.given()
        const second = nextRecord(first, { idleUntil: first.idleUntil + 1_000 })
        await trial.update(second)
        for (const expected of [first.revision, second.revision + 1, 0]) {
          const answer = await trial.update(nextRecord(first, { subject: 'intruder' }), expected)
          assertOutcome(answer, 'conflict', first.key)
          assertFound(answer, second)
          await assertKept(trial, second)
        }
      },
    },
    {
      rule: 'update of an ended session answers ended, and the tombstone stays',
      async prove(trial) {
        const record = await trial.given()
        const tombstone = await trial.givenTombstone(record.key)
        const answer = await trial.update(nextRecord(record))
        assertOutcome(answer, 'ended', record.key)
        assertTombstone(answer.tombstone, tombstone)
        await assertEnded(trial, record.key, tombstone)
      },
    },
    {
      rule: 'update of a renewed session answers moved, and changes neither key',
      async prove(trial) {
        for (const grace of [0, 10_000]) {
          const record = await trial.given()
          const { key, alias, record: renewed } = await trial.givenRenewal(record, { grace })
          assertOutcome(await trial.update(nextRecord(record)), 'moved', key)
          await assertMoved(trial, key, alias)
          await assertKept(trial, renewed)
        }
      },
    },
    {
      rule: 'update never shortens a newer touch',
      async prove(trial) {
        const record = await trial.given()
        const idleUntil = record.idleUntil + 60_000
        await trial.touch({ key: record.key, idleUntil })
        const next = nextRecord(record)
        assertOutcome(await trial.update(next), 'updated', record.key)
        await assertKept(trial, next, idleUntil)
      },
    },
    {
      rule: 'update moves the idle deadline later when it offers a later one',
      async prove(trial) {
        const record = await trial.given()
        const next = nextRecord(record, { idleUntil: record.idleUntil + 60_000 })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await assertKept(trial, next)
      },
    },
    {
      rule: 'update with a changed idle length replaces the deadline, earlier or later',
      async prove(trial) {
        const record = await trial.given()
        const shorter = nextRecord(record, { idleTimeout: LONG_IDLE / 2, idleUntil: trial.now() + LONG_IDLE / 2 })
        assertOutcome(await trial.update(shorter), 'updated', record.key)
        await assertKept(trial, shorter)
        const longer = nextRecord(shorter, { idleTimeout: LONG_IDLE * 2, idleUntil: trial.now() + LONG_IDLE * 2 })
        assertOutcome(await trial.update(longer), 'updated', record.key)
        await assertKept(trial, longer)
      },
    },
    {
      rule: 'update never moves the idle deadline past the absolute end',
      async prove(trial) {
        const record = await trial.given({ absoluteAt: trial.now() + LONG_IDLE * 2 })
        const greedy = nextRecord(record, { idleUntil: record.absoluteAt + 60_000 })
        assertOutcome(await trial.update(greedy), 'updated', record.key)
        await assertKept(trial, greedy, record.absoluteAt)
        const sooner = nextRecord(greedy, { absoluteAt: trial.now() + LONG_IDLE, idleUntil: trial.now() + LONG_IDLE })
        assertOutcome(await trial.update(sooner), 'updated', record.key)
        await assertKept(trial, sooner, sooner.absoluteAt)
      },
    },
    {
      rule: 'update of one record leaves every other one alone',
      async prove(trial) {
        const [one, two] = [await trial.given(), await trial.given()]
        const next = nextRecord(one)
        assertOutcome(await trial.update(next), 'updated', one.key)
        await assertKept(trial, next)
        await assertKept(trial, two)
      },
    },
  ],
}
