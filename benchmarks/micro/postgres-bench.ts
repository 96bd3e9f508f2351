/** The verbs of the Postgres store, and a raw SELECT by key beside them. */
import { startPostgres } from '@holdfast/testkit'
import { Pool } from 'pg'

import { openStore } from '../contenders/holdfast/open-store.ts'
import { measureBatches } from './case.ts'
import { defineVerbs } from './verbs.ts'

export async function define(): Promise<() => Promise<void>> {
  const server = await startPostgres()
  const postgresUrl = await server.createDatabase()
  const pool = new Pool({ connectionString: postgresUrl })
  await pool.query('create table raw (key text primary key, value text)')
  await pool.query('insert into raw values ($1, $2)', ['raw', 'x'.repeat(350)])
  const select = { name: 'raw', text: 'select value from raw where key = $1', values: ['raw'] }
  measureBatches('postgres: raw SELECT, prepared', () => pool.query(select))
  const { store, close } = await openStore({ store: 'postgres', redisUrl: '', postgresUrl })
  await defineVerbs('postgres', store)
  return async () => {
    await close()
    await pool.end()
    await server.stop()
  }
}
