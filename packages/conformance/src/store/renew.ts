import { assertAbsent, assertEnded, assertFound, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { LONG_IDLE, nextRecord, sampleRecord, sampleRenewal } from './sample.ts'
import type { StoreTheme } from './store-case.ts'

export const renewTheme: StoreTheme = {
  name: 'renew',
  cases: [
    {
      rule: 'renew keeps the record under the new key and leaves the alias under the old one: exactly one is valid',
      async prove(trial) {
        for (const grace of [0, 10_000]) {
          const base = await trial.given({ subject: 'user-1' })
          const renewal = sampleRenewal(base, trial.now(), { grace, record: { subject: 'user-2' } })
          assertOutcome(await trial.renew(renewal), 'renewed', base.key)
          await assertKept(trial, renewal.record)
          await assertMoved(trial, base.key, renewal.alias)
          assertOutcome(await trial.update(nextRecord(base)), 'moved', base.key)
          assertOutcome(await trial.update(nextRecord(renewal.record)), 'updated', renewal.record.key)
        }
      },
    },
    {
      rule: 'renew of another revision answers conflict, with the current record, and neither key changes',
      async prove(trial) {
        const first = await trial.given()
        const second = nextRecord(first)
        await trial.update(second)
        const renewal = sampleRenewal(first, trial.now())
        const answer = await trial.renew(renewal)
        assertOutcome(answer, 'conflict', first.key)
        assertFound(answer, second)
        await assertKept(trial, second)
        await assertAbsent(trial, renewal.record.key)
      },
    },
    {
      rule: 'renew of an ended session answers ended, and nothing arises under the new key',
      async prove(trial) {
        const base = await trial.given()
        const tombstone = await trial.givenTombstone(base.key)
        const renewal = sampleRenewal(base, trial.now())
        assertOutcome(await trial.renew(renewal), 'ended', base.key)
        await assertEnded(trial, base.key, tombstone)
        await assertAbsent(trial, renewal.record.key)
      },
    },
    {
      rule: 'renew never creates: under an unknown key it answers absent, and leaves nothing under either',
      async prove(trial) {
        const renewal = sampleRenewal(sampleRecord(trial.now()), trial.now())
        assertOutcome(await trial.renew(renewal), 'absent', renewal.key)
        await assertAbsent(trial, renewal.key)
        await assertAbsent(trial, renewal.record.key)
      },
    },
    {
      rule: 'renew of a renewed session answers moved, and only the first renewal stands',
      async prove(trial) {
        const base = await trial.given()
        const first = await trial.givenRenewal(base)
        const second = sampleRenewal(base, trial.now())
        assertOutcome(await trial.renew(second), 'moved', base.key)
        await assertMoved(trial, base.key, first.alias)
        await assertKept(trial, first.record)
        await assertAbsent(trial, second.record.key)
      },
    },
    {
      rule: 'renew to a key in use answers exists, and the session goes on under the old key',
      async prove(trial) {
        const record = await trial.given()
        const ended = await trial.given()
        const tombstone = await trial.givenTombstone(ended.key)
        const { key: renewedKey, alias } = await trial.givenRenewal(await trial.given())
        const base = await trial.given()
        for (const key of [record.key, ended.key, renewedKey]) {
          const renewal = sampleRenewal(base, trial.now(), { record: { key } })
          assertOutcome(await trial.renew(renewal), 'exists', base.key)
          await assertKept(trial, base)
        }
        await assertKept(trial, record)
        await assertEnded(trial, ended.key, tombstone)
        await assertMoved(trial, renewedKey, alias)
      },
    },
    {
      rule: 'renew keeps the later idle deadline',
      async prove(trial) {
        const base = await trial.given()
        const idleUntil = base.idleUntil + 60_000
        await trial.touch({ key: base.key, idleUntil })
        const { record } = await trial.givenRenewal(base)
        await assertKept(trial, record, idleUntil)
        const later = await trial.givenRenewal(record, { record: { idleUntil: idleUntil + 60_000 } })
        await assertKept(trial, later.record)
      },
    },
    {
      rule: 'renew with a changed idle length replaces the deadline',
      async prove(trial) {
        const base = await trial.given()
        const idleTimeout = LONG_IDLE / 2
        const changes = { idleTimeout, idleUntil: trial.now() + idleTimeout }
        const { record } = await trial.givenRenewal(base, { record: changes })
        await assertKept(trial, record)
      },
    },
    {
      rule: 'renew never moves the idle deadline past the absolute end',
      async prove(trial) {
        const base = await trial.given({ absoluteAt: trial.now() + LONG_IDLE * 2 })
        const { record } = await trial.givenRenewal(base, { record: { idleUntil: base.absoluteAt + 60_000 } })
        await assertKept(trial, record, base.absoluteAt)
      },
    },
    {
      rule: 'renew may follow renew: each old key leads to the next one',
      async prove(trial) {
        const first = await trial.givenRenewal(await trial.given())
        const second = await trial.givenRenewal(first.record)
        await assertMoved(trial, first.key, first.alias)
        await assertMoved(trial, second.key, second.alias)
        await assertKept(trial, second.record)
      },
    },
  ],
}
