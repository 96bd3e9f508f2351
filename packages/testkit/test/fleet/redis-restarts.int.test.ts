import { describe } from 'vitest'

import { RESTARTS } from './faults/redis-faults.ts'
import { endureAll } from './faults/redis-stage.ts'

describe('four processes over a Redis that is restarted', () => {
  endureAll(RESTARTS, ['--appendonly', 'yes'])
})
