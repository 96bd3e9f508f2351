/** Starts a store the way that a program does, in a process of its own, and creates one session. */
import { Pool } from 'pg'
import { postgresStore } from '@holdfast/postgres'
import { commitOf, session, write } from './sessions.ts'

const pool = new Pool({ connectionString: process.env['POSTGRES_URL'], connectionTimeoutMillis: 5_000 })
const store = postgresStore({ pool, schema: process.env['SCHEMA'], sweepInterval: false })
const record = session()
const { outcome } = await store.create(record, write(commitOf(record), 20_000))
process.stdout.write(`${outcome}\n`)
await store.close()
await pool.end()
