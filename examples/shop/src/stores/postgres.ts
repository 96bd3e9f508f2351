import { postgresStore } from '@holdfast/postgres'
import { Pool } from 'pg'

import type { ShopStore } from '../store.ts'
import { readUrl, unusable } from './server-url.ts'

/** How long the server may take until it answers at the start, in milliseconds. */
const PATIENCE = 5000

export async function openPostgres({ POSTGRES_URL }: NodeJS.ProcessEnv): Promise<ShopStore> {
  const example = 'postgres://user:password@127.0.0.1:5432/shop'
  const url = readUrl('POSTGRES_URL', POSTGRES_URL, example, ['postgres:', 'postgresql:'])
  const pool = new Pool({ connectionString: url.href, connectionTimeoutMillis: 1000, statement_timeout: 5000 })
  const store = postgresStore({ pool, table: 'shop_sessions' })
  try {
    await store.ping({ signal: AbortSignal.timeout(PATIENCE) })
  } catch (error) {
    await pool.end()
    throw unusable('Postgres', 'POSTGRES_URL', url, error)
  }
  return { label: 'Postgres', store, close: () => pool.end() }
}
