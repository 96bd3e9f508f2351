import { describe } from 'vitest'

import { REFUSALS } from './faults/postgres-faults.ts'
import { endureAll } from './faults/postgres-stage.ts'

describe('four processes over a Postgres that refuses', () => {
  endureAll(REFUSALS)
})
