/** The index of subjects through a long life: it loses nobody, and does not grow. */
import { setTimeout as wait } from 'node:timers/promises'
import { diceOf, type IndexedStore, liveLong } from '@holdfast/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { stoppedClock, type StoppedClock } from './testing/movable-clock.ts'
import { call } from './testing/sessions.ts'
import { createStage, QUALIFIED, SCHEMA, type Stage, TABLE } from './testing/stage.ts'

const STEPS = 100_000
/** A busy machine must not fail it. */
const WATCHDOG = 240_000
const RETENTION = 60_000

let stage: Stage
let clock: StoppedClock
let process: { readonly pool: Pool; readonly store: PostgresStore }

function startProcess(): typeof process {
  const pool = stage.pool({ max: 8 })
  pool.on('error', () => {})
  return { pool, store: stage.store({ pool, feed: false }) }
}

beforeAll(async () => {
  stage = await createStage({ settings: { synchronous_commit: 'off' } })
  clock = await stoppedClock(stage.admin, TABLE, SCHEMA)
  process = startProcess()
})
afterAll(() => stage.close())

it(
  `the index holds what lives, and what has run out in the last minute: ${STEPS} steps`,
  { timeout: WATCHDOG },
  async () => {
    const tried: IndexedStore = {
      get store() {
        return process.store
      },
      longestIdle: 120_000,
      now: () => clock.now(),
      blur: 0,
      pass: () => clock.advance(16_000),
      together: (send) => send(),
      keeps: RETENTION,
      tidy: async () => void (await process.store.sweep(call())),
      indexed: async () => {
        const { rows } = await stage.admin.query(
          `SELECT count(*)::int AS held FROM ${QUALIFIED} WHERE subject IS NOT NULL`,
        )
        return (rows as { held: number }[])[0]!.held
      },
      crash: async (die) => {
        await wait(Math.random() * 10)
        die()
        const others = `FROM pg_stat_activity WHERE usename = '${stage.role}'`
        do await stage.admin.query(`SELECT pg_terminate_backend(pid, 1000) ${others}`)
        while ((await stage.admin.query(`SELECT 1 ${others}`)).rows.length > 0)
        process = startProcess()
      },
    }
    const seed = Date.now() % 2 ** 31
    const { counts, crashes } = await liveLong(tried, STEPS, diceOf(seed))
    expect(Math.min(...Object.values(counts)), `seed ${seed}`).toBeGreaterThan(STEPS / 50)
    expect(crashes).toBeGreaterThan(5)
  },
)
