import { assertAbsent, assertEnded, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { LONG_IDLE, nextRecord, RETENTION, sampleRecord, sampleRenewal, sampleTombstone, SHORT_IDLE } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

/** By the store's clock, the very instant of a deadline is past it. */
export const deadlinesTheme: StoreTheme = {
  name: 'deadlines',
  cases: [
    {
      rule: 'update works until just before the idle deadline, and answers absent from its very instant',
      async prove(trial) {
        const { before, after } = trial.margins()
        const record = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.reach(record.idleUntil - before)
        const next = nextRecord(record)
        assertOutcome(await trial.update(next), 'updated', record.key)
        await trial.reach(record.idleUntil + after)
        assertOutcome(await trial.update(nextRecord(next)), 'absent', record.key)
        await assertKept(trial, next)
      },
    },
    {
      rule: 'renew works until just before the idle deadline, and answers absent from its very instant',
      async prove(trial) {
        const { before, after } = trial.margins()
        const base = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.reach(base.idleUntil - before)
        const { record } = await trial.givenRenewal(base)
        await trial.reach(record.idleUntil + after)
        const late = sampleRenewal(record, trial.now())
        assertOutcome(await trial.renew(late), 'absent', record.key)
        await assertKept(trial, record)
        await assertAbsent(trial, late.record.key)
      },
    },
    {
      rule: 'touch works until just before the idle deadline, and leaves the record alone from its very instant',
      async prove(trial) {
        const { before, after } = trial.margins()
        const record = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.reach(record.idleUntil - before)
        const idleUntil = record.idleUntil + SHORT_IDLE
        await trial.touch({ key: record.key, idleUntil })
        await trial.reach(idleUntil + after)
        await trial.touch({ key: record.key, idleUntil: trial.now() + LONG_IDLE })
        await assertKept(trial, record, idleUntil)
      },
    },
    {
      rule: 'end works until just before the idle deadline, and answers absent from its very instant',
      async prove(trial) {
        const { before, after } = trial.margins()
        const [early, late] = [
          await trial.given({ idleTimeout: SHORT_IDLE }),
          await trial.given({ idleTimeout: SHORT_IDLE }),
        ]
        await trial.reach(early.idleUntil - before)
        assertOutcome(await trial.end(early.key), 'ended', early.key)
        await trial.reach(late.idleUntil + after)
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(late.key, tombstone), 'absent', late.key)
        await assertEnded(trial, late.key, tombstone)
      },
    },
    {
      rule: 'end of an alias whose session is past its deadline answers absent',
      async prove(trial) {
        const base = await trial.given({ idleTimeout: SHORT_IDLE })
        const { key, record } = await trial.givenRenewal(base)
        await trial.reach(record.idleUntil + trial.margins().after)
        assertOutcome(await trial.end(key), 'absent', key)
        assertOutcome(await trial.load(record.key), 'ended', record.key)
      },
    },
    {
      rule: 'create on a record past its end, yet kept, answers exists',
      async prove(trial) {
        const record = await trial.given({ idleTimeout: SHORT_IDLE })
        await trial.reach(record.idleUntil + trial.margins().after)
        const other = sampleRecord(trial.now(), { key: record.key })
        assertOutcome(await trial.create(other), 'exists', record.key)
        await assertKept(trial, record)
      },
    },
    {
      rule: 'the absolute end caps a session however busy it is',
      async prove(trial) {
        const { before, after } = trial.margins()
        const record = await trial.given({ absoluteAt: trial.now() + SHORT_IDLE, idleUntil: trial.now() + SHORT_IDLE })
        await trial.reach(record.absoluteAt - before)
        await trial.touch({ key: record.key, idleUntil: record.absoluteAt + LONG_IDLE })
        const next = nextRecord(record, { idleUntil: record.absoluteAt + LONG_IDLE })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await trial.reach(record.absoluteAt + after)
        assertOutcome(await trial.update(nextRecord(next)), 'absent', record.key)
        assertOutcome(await trial.renew(sampleRenewal(next, trial.now())), 'absent', record.key)
        assertOutcome(await trial.end(record.key), 'absent', record.key)
      },
    },
    {
      rule: 'the absolute end counts even where a later idle deadline was offered at the beginning',
      async prove(trial) {
        const record = await trial.given({ absoluteAt: trial.now() + SHORT_IDLE })
        await trial.reach(record.absoluteAt + trial.margins().after)
        assertOutcome(await trial.update(nextRecord(record)), 'absent', record.key)
      },
    },
    {
      rule: 'update that shortens the idle length ends the session at the new deadline',
      async prove(trial) {
        const record = await trial.given()
        const idleUntil = trial.now() + SHORT_IDLE
        const next = nextRecord(record, { idleTimeout: SHORT_IDLE, idleUntil })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await trial.reach(idleUntil + trial.margins().after)
        assertOutcome(await trial.update(nextRecord(next)), 'absent', record.key)
        await assertKept(trial, next)
      },
    },
    {
      rule: 'a record past its end, a tombstone and an alias without grace are kept for 60 s',
      isLong: true,
      async prove(trial) {
        const over = await trial.given({ idleTimeout: SHORT_IDLE })
        const ended = await trial.given()
        const renewal = sampleRenewal(await trial.given(), trial.now())
        await trial.reach(over.idleUntil)
        const tombstone = sampleTombstone(trial.now())
        await trial.end(ended.key, tombstone)
        await trial.renew({ ...renewal, alias: { ...renewal.alias, at: trial.now(), graceUntil: trial.now() } })
        await trial.reach(over.idleUntil + RETENTION - trial.margins().before)
        await assertKept(trial, over)
        await assertEnded(trial, ended.key, tombstone)
        assertOutcome(await trial.load(renewal.key), 'moved', renewal.key)
        await assertKept(trial, renewal.record)
      },
    },
    {
      rule: 'an alias with grace is kept until its grace has passed, and 60 s longer',
      isLong: true,
      async prove(trial) {
        const grace = SHORT_IDLE
        const { key, alias } = await trial.givenRenewal(await trial.given(), { grace })
        await trial.reach(alias.graceUntil + RETENTION - trial.margins().before)
        await assertMoved(trial, key, alias)
      },
    },
  ],
}
