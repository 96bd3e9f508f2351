import { assertAbsent, assertEnded, assertFound, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import {
  COMMITS_KEPT,
  nextRecord,
  randomKey,
  sampleRecord,
  sampleRenewal,
  sampleTombstone,
  SHORT_IDLE,
} from './sample.ts'
import type { StoreTheme } from './store-case.ts'

/** Retries: the answer to a call was lost, and the same call comes again with the same commit id. */
export const idempotenceTheme: StoreTheme = {
  name: 'idempotence',
  cases: [
    {
      rule: 'a retried create answers created again, and changes nothing',
      async prove(trial) {
        const record = await trial.given()
        await trial.touch({ key: record.key, idleUntil: record.idleUntil + 60_000 })
        assertOutcome(await trial.create(record), 'created', record.key)
        await assertKept(trial, record, record.idleUntil + 60_000)
      },
    },
    {
      rule: 'a create retried after later commits answers created, as long as the record carries its id',
      async prove(trial) {
        const first = await trial.given()
        let latest = first
        for (let commit = 1; commit < COMMITS_KEPT; commit += 1) {
          latest = nextRecord(latest)
          await trial.update(latest)
          assertOutcome(await trial.create(first), 'created', first.key)
          await assertKept(trial, latest)
        }
        latest = nextRecord(latest)
        await trial.update(latest)
        assertOutcome(await trial.create(first), 'exists', first.key)
        await assertKept(trial, latest)
      },
    },
    {
      rule: 'a retried create never brings back a session that has ended meanwhile',
      async prove(trial) {
        const record = await trial.given()
        const tombstone = await trial.givenTombstone(record.key)
        assertOutcome(await trial.create(record), 'ended', record.key)
        await assertEnded(trial, record.key, tombstone)
      },
    },
    {
      rule: 'a retried update answers updated again, and changes nothing',
      async prove(trial) {
        const record = await trial.given()
        const next = nextRecord(record)
        assertOutcome(await trial.update(next), 'updated', record.key)
        await trial.touch({ key: record.key, idleUntil: record.idleUntil + 60_000 })
        assertOutcome(await trial.update(next), 'updated', record.key)
        await assertKept(trial, next, record.idleUntil + 60_000)
      },
    },
    {
      rule: 'an update retried after later commits answers updated, and the latest record stays',
      async prove(trial) {
        const once = nextRecord(await trial.given())
        await trial.update(once)
        let latest = once
        for (let commit = 1; commit < COMMITS_KEPT; commit += 1) {
          latest = nextRecord(latest)
          await trial.update(latest)
          assertOutcome(await trial.update(once), 'updated', once.key)
          await assertKept(trial, latest)
        }
      },
    },
    {
      rule: 'an update whose id the record no longer carries answers conflict, and is never applied again',
      async prove(trial) {
        const once = nextRecord(await trial.given())
        await trial.update(once)
        let latest = once
        for (let commit = 0; commit < COMMITS_KEPT; commit += 1) {
          latest = nextRecord(latest)
          await trial.update(latest)
        }
        const answer = await trial.update(once)
        assertOutcome(answer, 'conflict', once.key)
        assertFound(answer, latest)
        await assertKept(trial, latest)
      },
    },
    {
      rule: 'an update retried past the deadline is still acknowledged: it was applied in time',
      async prove(trial) {
        const next = nextRecord(await trial.given({ idleTimeout: SHORT_IDLE }))
        assertOutcome(await trial.update(next), 'updated', next.key)
        await trial.reach(next.idleUntil + trial.margins().after)
        assertOutcome(await trial.update(next), 'updated', next.key)
        assertOutcome(await trial.update(nextRecord(next)), 'absent', next.key)
      },
    },
    {
      rule: 'one update sent many times at once is applied once, and every copy is acknowledged',
      async prove(trial) {
        const next = nextRecord(await trial.given())
        const answers = await Promise.all(Array.from({ length: 10 }, () => trial.update(next)))
        for (const answer of answers) assertOutcome(answer, 'updated', next.key)
        await assertKept(trial, next)
      },
    },
    {
      rule: 'a retried touch changes nothing more',
      async prove(trial) {
        const record = await trial.given()
        const touch = { key: record.key, idleUntil: record.idleUntil + 1_000 }
        await trial.touch(touch)
        await trial.touch(touch)
        await assertKept(trial, record, touch.idleUntil)
      },
    },
    {
      rule: 'a retried renew answers renewed again, and changes neither key',
      async prove(trial) {
        const renewal = await trial.givenRenewal(await trial.given())
        assertOutcome(await trial.renew(renewal), 'renewed', renewal.key)
        await assertMoved(trial, renewal.key, renewal.alias)
        await assertKept(trial, renewal.record)
        const latest = nextRecord(renewal.record)
        await trial.update(latest)
        assertOutcome(await trial.renew(renewal), 'renewed', renewal.key)
        await assertKept(trial, latest)
      },
    },
    {
      rule: 'a renew retried after its successor was renewed or ended answers renewed, and revives nothing',
      async prove(trial) {
        const first = await trial.givenRenewal(await trial.given())
        const second = await trial.givenRenewal(first.record)
        assertOutcome(await trial.renew(first), 'renewed', first.key)
        await assertMoved(trial, second.key, second.alias)
        const tombstone = await trial.givenTombstone(second.record.key)
        assertOutcome(await trial.renew(second), 'renewed', second.key)
        await assertEnded(trial, second.record.key, tombstone)
      },
    },
    {
      rule: 'one renew sent many times at once is applied once, and every copy is acknowledged',
      async prove(trial) {
        const base = await trial.given()
        const renewal = sampleRenewal(base, trial.now())
        const answers = await Promise.all(Array.from({ length: 10 }, () => trial.renew(renewal)))
        for (const answer of answers) assertOutcome(answer, 'renewed', base.key)
        await assertMoved(trial, base.key, renewal.alias)
        await assertKept(trial, renewal.record)
      },
    },
    {
      rule: 'a retried end of a live session answers ended again',
      async prove(trial) {
        const { key } = await trial.given()
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(key, tombstone), 'ended', key)
        assertOutcome(await trial.end(key, tombstone), 'ended', key)
        await assertEnded(trial, key, tombstone)
      },
    },
    {
      rule: 'a retried end of nothing answers absent again',
      async prove(trial) {
        const key = randomKey()
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(key, tombstone), 'absent', key)
        assertOutcome(await trial.end(key, tombstone), 'absent', key)
        await assertEnded(trial, key, tombstone)
      },
    },
    {
      rule: 'a retried end of an alias answers ended again',
      async prove(trial) {
        const first = await trial.givenRenewal(await trial.given())
        const second = await trial.givenRenewal(first.record)
        const tombstone = sampleTombstone(trial.now())
        assertOutcome(await trial.end(first.key, tombstone), 'ended', first.key)
        assertOutcome(await trial.end(first.key, tombstone), 'ended', first.key)
        await assertEnded(trial, second.record.key, tombstone)
      },
    },
    {
      rule: 'an end of another commit is not taken for a retry',
      async prove(trial) {
        const { key } = await trial.given()
        assertOutcome(await trial.end(key), 'ended', key)
        assertOutcome(await trial.end(key), 'absent', key)
      },
    },
    {
      rule: 'a refused write leaves no commit id: its retry is refused as well',
      async prove(trial) {
        const record = await trial.given()
        const late = nextRecord(record)
        assertOutcome(await trial.update(late, record.revision + 5), 'conflict', record.key)
        assertOutcome(await trial.update(late, record.revision + 5), 'conflict', record.key)
        const stranger = nextRecord(sampleRecord(trial.now()))
        assertOutcome(await trial.update(stranger), 'absent', stranger.key)
        assertOutcome(await trial.update(stranger), 'absent', stranger.key)
        await assertAbsent(trial, stranger.key)
        await assertKept(trial, record)
      },
    },
  ],
}
