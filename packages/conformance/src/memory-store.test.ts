import { memoryStore } from '@holdfast/core'
import { describe, it } from 'vitest'
import { storeConformance } from './index.ts'

storeConformance({
  name: 'memory',
  runner: { describe, it },
  async create() {
    let time = Date.UTC(2030, 0, 1)
    const store = memoryStore({ clock: { now: () => time } })
    return { store, advance: (ms) => void (time += ms), close() {} }
  },
})
