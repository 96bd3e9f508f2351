import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrationSql, postgresStore } from '../src/index.ts'
import { call, commitOf, session, write } from './testing/sessions.ts'
import { createStage, type Stage } from './testing/stage.ts'

let stage: Stage
let pool: Pool

beforeAll(async () => {
  stage = await createStage()
  pool = stage.pool()
})
afterAll(() => stage.close())

const BOOT = path.join(import.meta.dirname, 'testing', 'boot.ts')

async function boot(url: string, schema: string): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', BOOT], {
    env: { ...process.env, POSTGRES_URL: url, SCHEMA: schema },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return `${code} ${output.trim()}`
}

function adminUrl(): string {
  const url = new URL(stage.url)
  url.username = 'postgres'
  url.password = ''
  return url.href
}

describe('migrations', () => {
  it('are safe when four processes boot at once, schema and all', async () => {
    const booted = await Promise.all(Array.from({ length: 4 }, () => boot(adminUrl(), 'four')))
    expect(booted).toEqual(Array.from({ length: 4 }, () => '0 created'))
  })

  it('may run any number of times at once, and change nothing when there is nothing to do', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'again', sweepInterval: false })
    await Promise.all(Array.from({ length: 8 }, () => store.migrate()))
    const record = session()
    await store.create(record, write(commitOf(record)))
    await store.migrate()
    await stage.admin.query(migrationSql({ schema: 'again' }))
    expect(await store.load(record.key, call())).toMatchObject({ outcome: 'found' })
    await store.close()
  })

  it('leave a newer schema as it is', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'newer', sweepInterval: false })
    await store.migrate()
    await stage.admin.query(`CREATE OR REPLACE FUNCTION newer.holdfast_sessions_version() RETURNS integer
      LANGUAGE sql STABLE AS 'SELECT 99'`)
    await store.migrate()
    const { rows } = await stage.admin.query('SELECT newer.holdfast_sessions_version() AS version')
    expect(rows).toEqual([{ version: 99 }])
    await store.ping(call())
    await store.close()
  })

  it('are not made by a role that may not: the error says what to run', async () => {
    const store = postgresStore({ pool, schema: 'denied', sweepInterval: false })
    await expect(store.load(session().key, call(2_000))).rejects.toThrow(/may not create them. Run the SQL/)
    await store.close()
  })

  it('are awaited when they are switched off: a missing schema is an error until somebody makes it', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'late', migrate: false, sweepInterval: false })
    for (const ask of [() => store.load(session().key, call(2_000)), () => store.ping(call(2_000))]) {
      await expect(ask()).rejects.toThrow(/late.holdfast_sessions is missing.*`await store.migrate\(\)`/s)
    }
    await stage.admin.query(migrationSql({ schema: 'late' }))
    expect(await store.load(session().key, call())).toMatchObject({ outcome: 'absent' })
    await store.close()
  })

  it('are made again when the table has been dropped', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'dropped', sweepInterval: false })
    const record = session()
    await store.create(record, write(commitOf(record), 5_000))
    await stage.admin.query('DROP SCHEMA dropped CASCADE')
    await expect(store.load(record.key, call())).rejects.toThrow(/does not exist/)
    expect(await store.load(record.key, call(5_000))).toMatchObject({ outcome: 'absent' })
    await store.close()
  })
})
