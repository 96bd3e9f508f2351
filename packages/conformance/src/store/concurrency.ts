import assert from 'node:assert/strict'
import type { OfferedRecord } from '@holdfast/core'
import { assertAbsent, assertEnded, assertKept, assertMoved, assertOutcome } from './assertions.ts'
import { LONG_IDLE, nextRecord, sampleRecord, sampleRenewal, sampleTombstone } from './sample.ts'
import type { StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

const WRITERS = 40
const ROUNDS = 10

export const concurrencyTheme: StoreTheme = {
  name: 'concurrency',
  cases: [
    {
      rule: 'of 40 updates of one revision exactly one wins, and the others get its record',
      async prove(trial) {
        const record = await trial.given()
        const rivals = Array.from({ length: WRITERS }, () => nextRecord(record))
        const answers = await Promise.all(rivals.map((rival) => trial.update(rival)))
        const winner = onlyWinner(rivals, answers, 'updated')
        for (const answer of answers) {
          if (answer.outcome === 'updated') continue
          assertOutcome(answer, 'conflict', record.key)
          assert.equal(answer.record.revision, winner.revision)
        }
        await assertKept(trial, winner)
      },
    },
    {
      rule: '40 writers who start again at each conflict lose no write',
      async prove(trial) {
        const record = await trial.given({ body: Uint8Array.of(0) })
        await Promise.all(Array.from({ length: WRITERS }, () => increment(trial, record)))
        const answer = await trial.load(record.key)
        assertOutcome(answer, 'found', record.key)
        assert.equal(answer.record.body[0], WRITERS, 'every increment must have been kept')
        assert.equal(answer.record.revision, record.revision + WRITERS)
      },
    },
    {
      rule: 'of 40 creates under one key exactly one wins',
      async prove(trial) {
        const { key } = sampleRecord(trial.now())
        const rivals = Array.from({ length: WRITERS }, () => sampleRecord(trial.now(), { key }))
        const answers = await Promise.all(rivals.map((rival) => trial.create(rival)))
        const winner = onlyWinner(rivals, answers, 'created')
        for (const { outcome } of answers) assert.ok(outcome === 'created' || outcome === 'exists')
        await assertKept(trial, winner)
      },
    },
    {
      rule: 'of 40 renewals of one session exactly one wins, and the others leave nothing',
      async prove(trial) {
        const base = await trial.given()
        const rivals = Array.from({ length: WRITERS }, () => sampleRenewal(base, trial.now()))
        const answers = await Promise.all(rivals.map((rival) => trial.renew(rival)))
        const winner = onlyWinner(rivals, answers, 'renewed')
        await assertMoved(trial, base.key, winner.alias)
        await assertKept(trial, winner.record)
        for (const rival of rivals) if (rival !== winner) await assertAbsent(trial, rival.record.key)
      },
    },
    {
      rule: 'of 40 ends of one session exactly one ends it',
      async prove(trial) {
        const { key } = await trial.given()
        const rivals = Array.from({ length: WRITERS }, () => sampleTombstone(trial.now()))
        const answers = await Promise.all(rivals.map((rival) => trial.end(key, rival)))
        const winner = onlyWinner(rivals, answers, 'ended')
        await assertEnded(trial, key, winner)
      },
    },
    {
      rule: 'an update against a renewal: one wins, and the other is told',
      async prove(trial) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const base = await trial.given()
          const next = nextRecord(base)
          const renewal = sampleRenewal(base, trial.now())
          const early = round % 2 === 0 ? undefined : trial.renew(renewal)
          const [updated, renewed] = await Promise.all([trial.update(next), early ?? trial.renew(renewal)])
          if (updated.outcome === 'updated') {
            assertOutcome(renewed, 'conflict', base.key)
            await assertKept(trial, next)
            await assertAbsent(trial, renewal.record.key)
          } else {
            assertOutcome(updated, 'moved', base.key)
            assertOutcome(renewed, 'renewed', base.key)
            await assertMoved(trial, base.key, renewal.alias)
            await assertKept(trial, renewal.record)
          }
        }
      },
    },
    {
      rule: 'no resurrection: an end wins against updates, touches, renewals and creates that run beside it',
      async prove(trial) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const record = await trial.given()
          const renewal = sampleRenewal(record, trial.now())
          const writes = [
            () => trial.update(nextRecord(record)),
            () => trial.touch({ key: record.key, idleUntil: trial.now() + LONG_IDLE * 2 }),
            () => trial.renew(renewal),
            () => trial.create(record),
            () => trial.update(nextRecord(record)),
          ]
          const place = round % (writes.length + 1)
          const end = (): Promise<unknown> => trial.end(record.key)
          await Promise.all([...writes.slice(0, place), end, ...writes.slice(place)].map((call) => call()))
          assertOutcome(await trial.load(record.key), 'ended', record.key)
          const successor = await trial.load(renewal.record.key)
          assert.notEqual(successor.outcome, 'found', 'an end must not miss the session that was just renewed')
        }
      },
    },
    {
      rule: 'while a session is renewed, a reader always finds it under one key or the other',
      async prove(trial) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const base = await trial.given()
          const renewal = sampleRenewal(base, trial.now())
          const reader = async (): Promise<void> => {
            const old = await trial.load(base.key)
            if (old.outcome === 'found') return
            assertOutcome(old, 'moved', base.key)
            assertOutcome(await trial.load(renewal.record.key), 'found', renewal.record.key)
          }
          await Promise.all([reader(), trial.renew(renewal), reader(), reader(), reader()])
        }
      },
    },
    {
      rule: 'touches and updates that run at once keep the latest deadline of all',
      async prove(trial) {
        const record = await trial.given()
        const touch = (later: number): Promise<void> =>
          trial.touch({ key: record.key, idleUntil: record.idleUntil + later })
        const next = nextRecord(record)
        const early = [1_000, 3_000, 2_000].map(touch)
        const update = trial.update(next)
        const late = [4_000, 6_000, 5_000].map(touch)
        const [updated] = await Promise.all([update, ...early, ...late])
        assertOutcome(updated, 'updated', record.key)
        await assertKept(trial, next, record.idleUntil + 6_000)
      },
    },
  ],
}

/** Answers the one rival whose call had that outcome. */
function onlyWinner<Rival>(rivals: readonly Rival[], answers: readonly { outcome: string }[], outcome: string): Rival {
  const winners = rivals.filter((_, index) => answers[index]?.outcome === outcome)
  assert.equal(winners.length, 1, `exactly one of ${rivals.length} must win, and ${winners.length} did`)
  const [winner] = winners
  assert.ok(winner)
  return winner
}

/** Adds one to the number in the record's body, again and again until it was the first to do so. */
async function increment(trial: Trial, first: OfferedRecord): Promise<void> {
  let current = first
  for (let attempt = 0; attempt <= WRITERS; attempt += 1) {
    const [count = 0] = current.body
    const answer = await trial.update(nextRecord(current, { body: Uint8Array.of(count + 1) }))
    if (answer.outcome === 'updated') return
    assertOutcome(answer, 'conflict', first.key)
    current = { ...answer.record, idleUntil: answer.idleUntil }
  }
  assert.fail('a writer that starts again with the current record must win after all others have')
}
