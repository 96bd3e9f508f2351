import { describe } from 'vitest'

import { AGAIN } from './faults/again.ts'
import { RESTARTS } from './faults/redis-faults.ts'
import { endureAll } from './faults/redis-stage.ts'

describe('four processes over a Redis that is restarted', AGAIN, () => {
  endureAll(RESTARTS, ['--appendonly', 'yes'])
})
