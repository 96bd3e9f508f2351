import assert from 'node:assert/strict'
import type { Found, OfferedRecord, SubjectListing, SubjectPage } from '@holdfast/core'
import { assertFound, assertOutcome } from './assertions.ts'
import { HOSTILE_SUBJECTS } from './keys-and-bytes.ts'
import { SUBJECT_INDEX, type Power } from './powers.ts'
import { LONG_IDLE, nextRecord, sampleRecord, sampleRenewal, SHORT_IDLE } from './sample.ts'
import type { StoreCase, StoreTheme } from './store-case.ts'
import type { Trial } from './trial.ts'

const ALL: SubjectPage = { limit: 1_000 }

const cases: readonly StoreCase[] = [
  {
    rule: 'the index lists the live sessions of a subject, and nobody else’s',
    async prove(trial) {
      const mine = [await trial.given({ subject: 'me' }), await trial.given({ subject: 'me' })]
      await trial.given({ subject: 'you' })
      await trial.given({ subject: undefined })
      assertListed((await list(trial, 'me')).sessions, mine)
      assertListed((await list(trial, 'nobody')).sessions, [])
    },
  },
  {
    rule: 'the index lists records as load answers them, with the deadline as last touched',
    async prove(trial) {
      const record = await trial.given({ subject: 'me' })
      const idleUntil = record.idleUntil + 60_000
      await trial.touch({ key: record.key, idleUntil })
      const [found] = (await list(trial, 'me')).sessions
      assert.ok(found)
      assert.equal(found.key, record.key)
      assertFound(found, record, idleUntil)
      found.record.body.fill(0xee)
      const [again] = (await list(trial, 'me')).sessions
      assert.ok(again)
      assertFound(again, record, idleUntil)
    },
  },
  {
    rule: 'the index lists the oldest session first',
    async prove(trial) {
      const now = trial.now()
      const ages = [3_000, 1_000, 5_000, 2_000, 4_000]
      for (const age of ages) await trial.given({ subject: 'me', createdAt: now - age })
      const { sessions } = await list(trial, 'me')
      assert.deepEqual(
        sessions.map(({ record }) => now - record.createdAt),
        ages.toSorted((a, b) => b - a),
      )
    },
  },
  {
    rule: 'pages of the index follow one another without gap or overlap, also among sessions of one age',
    async prove(trial) {
      const now = trial.now()
      const records = await Promise.all(
        Array.from({ length: 7 }, (_, index) => trial.given({ subject: 'me', createdAt: now - (index % 2) })),
      )
      for (const limit of [1, 2, 3, 7, 8]) {
        const seen: Found[] = []
        let page = await list(trial, 'me', { limit })
        seen.push(...page.sessions)
        for (let count = 1; page.next !== undefined; count += 1) {
          assert.ok(count <= records.length, 'paging must come to an end')
          assert.ok(page.sessions.length <= limit, 'a page must not be longer than its limit')
          page = await list(trial, 'me', { limit, after: page.next })
          seen.push(...page.sessions)
        }
        assertListed(seen, records)
      }
    },
  },
  {
    rule: 'the last page of the index has no cursor, though it be full',
    async prove(trial) {
      await trial.given({ subject: 'me' })
      await trial.given({ subject: 'me' })
      assert.equal((await list(trial, 'me', { limit: 2 })).next, undefined)
      assert.equal((await list(trial, 'nobody', { limit: 2 })).next, undefined)
    },
  },
  {
    rule: 'the index does not list what has ended or is past its deadline',
    async prove(trial) {
      const ended = await trial.given({ subject: 'me' })
      const over = await trial.given({ subject: 'me', idleTimeout: SHORT_IDLE })
      const live = await trial.given({ subject: 'me', createdAt: trial.now() - 1 })
      await trial.end(ended.key)
      await trial.reach(over.idleUntil + trial.margins().after)
      assertListed((await list(trial, 'me')).sessions, [live])
    },
  },
  {
    rule: 'the index lists a renewed session once, under its new key',
    async prove(trial) {
      const { record } = await trial.givenRenewal(await trial.given({ subject: 'me' }), { grace: 10_000 })
      assertListed((await list(trial, 'me')).sessions, [record])
    },
  },
  {
    rule: 'the index keeps the place of a session that is renewed, by age or for a privilege',
    async prove(trial) {
      const now = trial.now()
      const records = []
      for (const age of [5_000, 3_000, 1_000]) records.push(await trial.given({ subject: 'me', createdAt: now - age }))
      await trial.givenRenewal(records[0]!, { grace: 10_000 })
      await trial.givenRenewal(records[1]!)
      const { sessions } = await list(trial, 'me')
      assert.deepEqual(
        sessions.map(({ record }) => record.id),
        records.map(({ id }) => id),
      )
    },
  },
  {
    rule: 'the index follows a record whose subject changes, by update and by renew',
    async prove(trial) {
      const anonymous = await trial.given()
      const mine = nextRecord(anonymous, { subject: 'me' })
      assertOutcome(await trial.update(mine), 'updated', mine.key)
      assertListed((await list(trial, 'me')).sessions, [mine])
      const yours = await trial.givenRenewal(mine, { record: { subject: 'you' } })
      assertListed((await list(trial, 'me')).sessions, [])
      assertListed((await list(trial, 'you')).sessions, [yours.record])
      assertOutcome(await trial.update(nextRecord(yours.record, { subject: undefined })), 'updated', yours.record.key)
      assertListed((await list(trial, 'you')).sessions, [])
    },
  },
  {
    rule: 'the index keeps a session that was touched or updated, however long it lives',
    async prove(trial) {
      const record = await trial.given({ subject: 'me', idleTimeout: SHORT_IDLE })
      await trial.touch({ key: record.key, idleUntil: trial.now() + LONG_IDLE })
      const next = nextRecord(record)
      assertOutcome(await trial.update(next), 'updated', record.key)
      await trial.reach(record.idleUntil + trial.margins().after)
      assertListed((await list(trial, 'me')).sessions, [next])
    },
  },
  {
    rule: 'the index tells hostile subjects apart',
    async prove(trial) {
      const records = await Promise.all(HOSTILE_SUBJECTS.map((subject) => trial.given({ subject })))
      for (const record of records) assertListed((await list(trial, record.subject ?? '')).sessions, [record])
    },
  },
  {
    rule: 'the index never misses a session that is renewed while it is listed',
    async prove(trial) {
      let record = await trial.given({ subject: 'me' })
      let isRenewing = true
      const renewing = (async () => {
        for (let count = 0; count < 40; count += 1) {
          const age = count % 2 === 0 ? { grace: 10_000 } : {}
          record = (await trial.givenRenewal(record, age)).record
        }
      })().finally(() => {
        isRenewing = false
      })
      const listing = (async () => {
        while (isRenewing) {
          const { sessions } = await list(trial, 'me')
          const isThere = sessions.some((found) => found.record.id === record.id)
          assert.ok(isThere, 'a listing must show a session under its old or its new key while it is renewed')
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
      await Promise.all([renewing, listing])
    },
  },
  {
    rule: 'the index never misses a live session, whatever goes on beside it',
    async prove(trial) {
      const live = await Promise.all(Array.from({ length: 30 }, (_, index) => churn(trial, index)))
      const { sessions } = await list(trial, 'me')
      assertListed(
        sessions,
        live.filter((record) => record !== undefined),
      )
    },
  },
]

export const subjectIndexTheme: StoreTheme = {
  name: 'subject index',
  cases: cases.map((each) => ({ ...each, power: SUBJECT_INDEX as Power })),
}

async function list(trial: Trial, subject: string, page: SubjectPage = ALL): Promise<SubjectListing> {
  assert.ok(SUBJECT_INDEX.isIn(trial.store))
  return trial.store.listSubject(subject, page, trial.call())
}

/** Asserts that exactly these records are listed, in any order. */
function assertListed(sessions: readonly Found[], records: readonly OfferedRecord[]): void {
  const listed = sessions.map(({ key, record }) => ({ key, revision: record.revision })).toSorted(byKey)
  const expected = records.map(({ key, revision }) => ({ key, revision })).toSorted(byKey)
  assert.deepEqual(listed, expected, 'the index must list exactly the live sessions of the subject')
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1
}

/** Lets one session live a little; answers its record if it still lives. The index must know it from the first answer. */
async function churn(trial: Trial, index: number): Promise<OfferedRecord | undefined> {
  const record = sampleRecord(trial.now(), { subject: index % 2 === 0 ? 'me' : undefined })
  assertOutcome(await trial.create(record), 'created', record.key)
  if (record.subject !== undefined) await assertKnown(trial, record)
  const mine = nextRecord(record, { subject: 'me' })
  assertOutcome(await trial.update(mine), 'updated', record.key)
  await assertKnown(trial, mine)
  if (index % 3 === 0) {
    assertOutcome(await trial.end(record.key), 'ended', record.key)
    return undefined
  }
  if (index % 3 === 1) return mine
  const renewal = sampleRenewal(mine, trial.now())
  assertOutcome(await trial.renew(renewal), 'renewed', record.key)
  await assertKnown(trial, renewal.record)
  return renewal.record
}

async function assertKnown(trial: Trial, { key }: OfferedRecord): Promise<void> {
  const { sessions } = await list(trial, 'me')
  assert.ok(
    sessions.some((found) => found.key === key),
    'the index must list a session once its write has been acknowledged',
  )
}
