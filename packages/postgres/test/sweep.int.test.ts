import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { measured } from './testing/measured.ts'
import { call, commitOf, session, write } from './testing/sessions.ts'
import { createStage, QUALIFIED, type Stage } from './testing/stage.ts'

const LONG = 30_000

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())
beforeEach(async () => {
  await stage.admin.query(`TRUNCATE ${QUALIFIED}`)
})

/** Puts rows into the table that were over a minute ago, and as many that live. */
async function fill(due: number, live: number): Promise<void> {
  await stage.admin.query(
    `INSERT INTO ${QUALIFIED} (key, kind, revision, format, id, commits, created_at, absolute_at, idle_timeout, over_at,
      is_persistent, body)
     SELECT decode(md5(n::text), 'hex'), 0, 1, 1, 'id', 'commit', 0, 1e15, 1000,
       CASE WHEN n <= $1 THEN 1000 ELSE 1e14 END, false, decode(repeat('00', 400), 'hex')
     FROM generate_series(1, $2) AS n ORDER BY random()`,
    [due, due + live],
  )
}

async function count(): Promise<number> {
  const { rows } = await stage.admin.query<{ count: string }>(`SELECT count(*) FROM ${QUALIFIED}`)
  return Number(rows[0]?.count)
}

describe('sweep', () => {
  it('by four processes at once, beside touches, deadlocks with nobody and removes each row once', async () => {
    await fill(12_000, 4_000)
    const stores = Array.from({ length: 4 }, () => stage.store())
    const records = Array.from({ length: 200 }, () => session())
    const writer = stage.store()
    await Promise.all(records.map((record) => writer.create(record, write(commitOf(record), LONG))))
    let isSweeping = true
    const touch = async (store: (typeof stores)[number]): Promise<void> => {
      for (let round = 1; isSweeping; round += 1) {
        const touches = records.map(({ key, idleUntil }) => ({ key, idleUntil: idleUntil + round }))
        await store.touch(
          touches.toSorted(() => Math.random() - 0.5),
          call(LONG),
        )
      }
    }
    const touching = stores.map(touch)
    const removed = await Promise.all(stores.map((store) => store.sweep(call(LONG))))
    isSweeping = false
    await Promise.all(touching)
    expect(removed.reduce((sum, each) => sum + each)).toBe(12_000)
    expect(await count()).toBe(4_200)
    const { rows } = await stage.admin.query(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    )
    expect(rows).toEqual([{ deadlocks: '0' }])
  })

  it('reads forty thousand sessions to find a thousand that are due, without an index, in no time', async () => {
    await fill(1_000, 40_000)
    const store = stage.store()
    await store.ping(call(LONG))
    const startedAt = performance.now()
    expect(await store.sweep(call(LONG))).toBe(1_000)
    measured('sweep of 41,000 rows', `${Math.round(performance.now() - startedAt)} ms`)
    expect(performance.now() - startedAt).toBeLessThan(3_000)
  })

  it('happens by itself', async () => {
    await fill(10, 10)
    const store = stage.store({ sweepInterval: '1s' })
    await store.load(session().key, call(LONG))
    await delay(2_000)
    expect(await count()).toBe(10)
    await store.close()
  })

  it('is given up when its caller is gone', async () => {
    await fill(10, 10)
    const store = stage.store()
    await expect(store.sweep({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(await count()).toBe(20)
  })
})

describe('what is past its end', () => {
  it('counts as absent before any sweep: a create takes its place', async () => {
    const store = stage.store()
    const record = session()
    await stage.admin.query(
      `INSERT INTO ${QUALIFIED} (key, kind, over_at, commits, reason, laid_at, has_ended)
       VALUES ($1, 2, 1000, 'old', 'logout', 1000, true)`,
      [Buffer.from(record.key, 'base64url')],
    )
    expect(await store.load(record.key, call(LONG))).toMatchObject({ outcome: 'absent' })
    expect(await store.create(record, write(commitOf(record), LONG))).toMatchObject({ outcome: 'created' })
    expect(await store.load(record.key, call(LONG))).toMatchObject({ outcome: 'found' })
  })
})
