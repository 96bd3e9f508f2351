import { storeConformance } from '@holdfast/conformance'
import { type Pgbouncer, postgresUrl, startPgbouncer } from '@holdfast/testkit'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createStage, type Stage } from '../testing/stage.ts'

let stage: Stage
let pgbouncer: Pgbouncer
let pool: Pool

beforeAll(async () => {
  stage = await createStage()
  pgbouncer = await startPgbouncer({ postgresUrl: await postgresUrl(), poolMode: 'transaction', users: [stage.role] })
  const url = new URL(stage.url)
  url.host = `127.0.0.1:${pgbouncer.port}`
  pool = new Pool({ connectionString: url.href, connectionTimeoutMillis: 1_000 })
}, 60_000)
afterAll(async () => {
  await pool.end()
  await pgbouncer.stop()
  await stage.close()
})

storeConformance({
  name: 'postgres over pg, through pgbouncer in transaction mode',
  runner: { describe, it },
  create: () => stage.harness({ pool, prepare: false }),
})
