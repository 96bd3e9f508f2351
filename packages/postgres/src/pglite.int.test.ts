import { PGlite } from '@electric-sql/pglite'
import { storeConformance } from '@holdfast/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { postgresStore } from './index.ts'
import { movableClock } from './testing/movable-clock.ts'

let pglite: PGlite
let tables = 0

beforeAll(async () => {
  pglite = await PGlite.create()
})
afterAll(() => pglite.close())

storeConformance({
  name: 'postgres over PGlite',
  runner: { describe, it },
  async create() {
    tables += 1
    const table = `sessions_${tables}`
    const store = postgresStore({ pool: pglite, table, sweepInterval: false, feedInterval: 50 })
    await store.migrate()
    const advance = await movableClock(store, pglite, table)
    return { store, advance, close: () => store.close() }
  },
})
