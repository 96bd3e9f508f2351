import { describe } from 'vitest'

import { AGAIN } from './faults/again.ts'
import { REFUSALS } from './faults/postgres-faults.ts'
import { endureAll } from './faults/postgres-stage.ts'

describe('four processes over a Postgres that refuses', AGAIN, () => {
  endureAll(REFUSALS)
})
