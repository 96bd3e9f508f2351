import { PGlite } from '@electric-sql/pglite'
import { postgresStore } from '@holdfast/postgres'

import type { ShopStore } from '../store.ts'

/** Starts a Postgres within this process, whose data ends with it. */
export async function openPglite(): Promise<ShopStore> {
  const pool = await PGlite.create()
  const store = postgresStore({ pool, table: 'shop_sessions' })
  await store.migrate()
  return { label: 'PGlite', store, close: () => pool.close() }
}
