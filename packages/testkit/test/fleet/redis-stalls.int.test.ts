import { describe } from 'vitest'

import { STALLS } from './faults/redis-faults.ts'
import { endureAll } from './faults/redis-stage.ts'

describe('four processes over a Redis that stalls', () => {
  endureAll(STALLS)
})
