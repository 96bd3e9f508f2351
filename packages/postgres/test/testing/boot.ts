/** Starts a store over and over, in a process of its own: for each schema that it reads, one that creates a session. */
import { createInterface } from 'node:readline'
import { Pool } from 'pg'
import { postgresStore } from '@holdfast/postgres'
import { commitOf, session, write } from './sessions.ts'

const pool = new Pool({ connectionString: process.env['POSTGRES_URL'], connectionTimeoutMillis: 10_000 })
await pool.query('SELECT 1') // connected, so that all of them begin at once
process.stdout.write('ready\n')
for await (const schema of createInterface({ input: process.stdin })) {
  const store = postgresStore({ pool, schema, sweepInterval: false })
  const record = session()
  const outcome = await store.create(record, write(commitOf(record), 20_000)).then(
    (answer) => answer.outcome,
    (error: Error) => error.message,
  )
  process.stdout.write(`${outcome}\n`)
  await store.close()
}
await pool.end()
