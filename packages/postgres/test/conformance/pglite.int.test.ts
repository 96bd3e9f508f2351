import { PGlite } from '@electric-sql/pglite'
import { storeConformance } from '@holdfast/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { postgresStore } from '../../src/index.ts'
import { movableClock, type MovableClock } from '../testing/movable-clock.ts'

let pglite: PGlite
let clock: MovableClock

beforeAll(async () => {
  pglite = await PGlite.create()
  const store = postgresStore({ pool: pglite })
  await store.migrate()
  clock = await movableClock(pglite, 'holdfast_sessions')
})
afterAll(() => pglite.close())

storeConformance({
  name: 'postgres over PGlite',
  runner: { describe, it },
  async create() {
    await pglite.query('DELETE FROM holdfast_sessions')
    await clock.reset()
    const store = postgresStore({ pool: pglite, sweepInterval: false, feedInterval: 50 })
    return { store, advance: (ms) => clock.advance(ms, store), close: () => store.close() }
  },
})
