import { storeConformance } from '@holdfast/conformance'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createStage, type Stage } from '../testing/stage.ts'

let stage: Stage
let pool: Pool

beforeAll(async () => {
  stage = await createStage({
    settings: { default_transaction_isolation: 'repeatable read', TimeZone: 'Asia/Kathmandu', bytea_output: 'escape' },
  })
  pool = stage.pool()
})
afterAll(() => stage.close())

storeConformance({
  name: 'postgres over pg under repeatable read, in Kathmandu',
  runner: { describe, it },
  create: () => stage.harness({ pool }),
})
