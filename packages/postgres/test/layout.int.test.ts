import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OfferedRecord } from '@holdfast/core'
import { measured } from './testing/measured.ts'
import { call, commitOf, next, renewal, session, tombstone, write } from './testing/sessions.ts'
import { createStage, QUALIFIED, type Stage } from './testing/stage.ts'

const SESSIONS = 20_000
const BATCH = 100

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

/**
 * Creates sessions that look as if they had lived: with the ids of four commits. Over one connection, since those that
 * wait for each other make a table longer by some pages at once, which says nothing about a session.
 */
async function fill(count: number): Promise<OfferedRecord[]> {
  const store = stage.store({ pool: stage.pool({ max: 1 }) })
  const records = Array.from({ length: count }, () =>
    session({
      subject: `user-${randomBytes(14).toString('hex')}`,
      authenticatedAt: Date.now(),
      commits: Array.from({ length: 4 }, () => randomBytes(8).toString('base64url')),
    }),
  )
  for (let start = 0; start < count; start += 200) {
    const batch = records.slice(start, start + 200)
    await Promise.all(batch.map((record) => store.create(record, write(commitOf(record), 10_000))))
  }
  return records
}

describe('20,000 signed-in sessions of 400 bytes', { timeout: 120_000 }, () => {
  let records: OfferedRecord[]

  beforeAll(async () => {
    records = await fill(SESSIONS)
  }, 120_000)

  it('take at most 1,050 bytes each, with all indexes', async () => {
    const { rows } = await stage.admin.query<Record<string, string>>(`SELECT
      pg_total_relation_size('${QUALIFIED}') AS total, pg_relation_size('${QUALIFIED}') AS heap,
      pg_indexes_size('${QUALIFIED}') AS indexes`)
    const each = Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([part, bytes]) => [part, Math.round(Number(bytes) / SESSIONS)]),
    )
    measured('bytes per session', each)
    expect(each['total']).toBeLessThanOrEqual(1_050)
  })

  it('are touched by heap-only updates alone, and the indexes do not grow', async () => {
    const pool = stage.pool()
    const store = stage.store({ pool })
    // While it analyzes, old versions must stay, and a page may be full of them for so long.
    await stage.admin.query(`ALTER TABLE ${QUALIFIED} SET (autovacuum_enabled = off)`)
    const before = await statistics()
    for (let round = 1; round <= 3; round += 1) {
      // Users come in any order, so the sessions of one batch lie on many pages.
      const order = records.map((record) => ({ record, place: Math.random() })).toSorted((a, b) => a.place - b.place)
      for (let start = 0; start < SESSIONS; start += BATCH) {
        const batch = order.slice(start, start + BATCH).map(({ record }) => record)
        const touches = batch.map(({ key, idleUntil, idleTimeout }) => ({
          key,
          idleUntil: idleUntil + round * 60_000,
          idleTimeout,
        }))
        await store.touch(touches, call(10_000))
      }
    }
    await pool.end() // a backend reports what it did when it ends
    const after = await statistics()
    measured('touches', { before, after })
    expect(after.updates - before.updates).toBe(3 * SESSIONS)
    expect(after.hot - before.hot).toBe(3 * SESSIONS)
    expect(after.indexes).toBe(before.indexes)
  })
})

async function statistics(): Promise<{ updates: number; hot: number; indexes: number }> {
  await stage.admin.query('SELECT pg_sleep(0.5)')
  const { rows } = await stage.admin.query<{ updates: string; hot: string; indexes: string }>(`SELECT
    n_tup_upd AS updates, n_tup_hot_upd AS hot, pg_indexes_size(relid) AS indexes
    FROM pg_stat_user_tables WHERE relid = '${QUALIFIED}'::regclass`)
  const [row] = rows
  return { updates: Number(row?.updates), hot: Number(row?.hot), indexes: Number(row?.indexes) }
}

it('keeps no token: what lies in the columns opens nothing', async () => {
  const store = stage.store()
  const token = randomBytes(24).toString('base64url')
  const record = session({ subject: 'ada' })
  await store.create(record, write(commitOf(record)))
  const moved = renewal(record)
  await store.renew(moved, write(moved.alias.commitId))
  const ended = session()
  await store.create(ended, write(commitOf(ended)))
  const laid = tombstone()
  await store.end(ended.key, laid, write(laid.commitId))
  const { rows } = await stage.admin.query<Record<string, unknown>>(`SELECT * FROM ${QUALIFIED} WHERE key = ANY ($1)`, [
    [record.key, moved.record.key, ended.key].map((key) => Buffer.from(key, 'base64url')),
  ])
  expect(rows).toHaveLength(3)
  for (const row of rows) {
    for (const value of Object.values(row)) {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
      // A token is 24 bytes or 32 characters; nothing but the body and the chain of commits is as long.
      if (value === row['body'] || value === row['commits']) continue
      expect(bytes.length).toBeLessThan(Buffer.from(token, 'base64url').length)
    }
  }
  expect(next(record).key).toBe(record.key)
})
