import { storeConformance } from '@holdfast/conformance'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createStage, type Stage } from '../testing/stage.ts'

let stage: Stage
let pool: Pool

beforeAll(async () => {
  stage = await createStage({ settings: { TimeZone: 'UTC' } })
  pool = stage.pool()
})
afterAll(() => stage.close())

storeConformance({
  name: 'postgres over pg, LISTEN, UTC',
  runner: { describe, it },
  create: () => stage.harness({ pool, feed: 'listen' }),
})
