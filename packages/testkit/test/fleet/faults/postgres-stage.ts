import { afterAll, beforeAll, it } from 'vitest'

import { type PostgresServer, startPostgres } from '../../../src/index.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import type { SharedStore } from '../shared-store.ts'
import { endure } from './endured.ts'
import { type Admin, APP, postgresAdmin } from './postgres-admin.ts'
import { type PostgresFault, SETTINGS } from './postgres-faults.ts'
import { report } from './report.ts'

/** Lets four processes over one Postgres endure one fault after the other. */
export function endureAll(faults: readonly PostgresFault[]): void {
  let server: PostgresServer
  let admin: Admin
  let choice: SharedStore
  let fleet: Fleet

  beforeAll(async () => {
    server = await startPostgres({ settings: SETTINGS })
    const database = new URL(await server.createDatabase())
    admin = postgresAdmin(database.href)
    await admin.ask(`CREATE ROLE ${APP} LOGIN`)
    await admin.ask(`ALTER DATABASE ${database.pathname.slice(1)} OWNER TO ${APP}`)
    database.username = APP
    choice = { type: 'postgres', url: database.href }
    fleet = await startFleet(() => ({ store: choice }))
  })

  afterAll(async () => {
    await fleet?.close()
    await server?.stop()
  })

  it.each(faults)('$name', async ({ strike, heal, ...fault }) => {
    const target = { server, admin, fleet }
    report(
      fault.name,
      await endure(fleet, choice, { ...fault, strike: () => strike(target), heal: () => heal(target) }),
    )
  })
}
