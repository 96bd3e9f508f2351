import { describe } from 'vitest'

import { REFUSALS } from './faults/redis-faults.ts'
import { endureAll } from './faults/redis-stage.ts'

describe('four processes over a Redis that refuses', () => {
  endureAll(REFUSALS)
})
