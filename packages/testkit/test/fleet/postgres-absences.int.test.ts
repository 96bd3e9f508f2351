import { describe } from 'vitest'

import { ABSENCES } from './faults/postgres-faults.ts'
import { endureAll } from './faults/postgres-stage.ts'

describe('four processes over a Postgres that is away', () => {
  endureAll(ABSENCES)
})
