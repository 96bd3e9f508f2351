import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrationSql, postgresStore } from '../src/index.ts'
import { migrationStatement } from '../src/schema/migration.ts'
import { namesOf } from '../src/schema/names.ts'
import { keyBytes } from '../src/statements/key-bytes.ts'
import { recordValues } from '../src/statements/record-values.ts'
import { statementsOf } from '../src/statements/statements.ts'
import { call, commitOf, renewal, session, tombstone, write } from './testing/sessions.ts'
import { createStage, type Stage } from './testing/stage.ts'

let stage: Stage
let pool: Pool

beforeAll(async () => {
  stage = await createStage()
  pool = stage.pool()
})
afterAll(() => stage.close())

const BOOT = fileURLToPath(new URL('./testing/boot.ts', import.meta.url))

/** A process that boots a store when it is told a schema. */
function boot(isolation: string): { next(): Promise<string>; tell(schema: string): void; end(): void } {
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', BOOT], {
    env: { ...process.env, POSTGRES_URL: adminUrl(isolation) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    next: async () => String((await lines.next()).value),
    tell: (schema) => void child.stdin.write(`${schema}\n`),
    end: () => void child.stdin.end(),
  }
}

function adminUrl(isolation: string): string {
  const url = new URL(stage.url)
  url.searchParams.set('options', `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`)
  url.username = 'postgres'
  url.password = ''
  return url.href
}

describe('migrations', () => {
  it.each(['read committed', 'serializable'])('are safe when four processes boot at once, %s', async (isolation) => {
    const processes = Array.from({ length: 4 }, () => boot(isolation))
    const answers = (): Promise<string[]> => Promise.all(processes.map((each) => each.next()))
    expect(new Set(await answers())).toEqual(new Set(['ready']))
    for (let round = 0; round < 5; round += 1) {
      for (const each of processes) each.tell(`${isolation.slice(0, 4)}_${round}`)
      expect(await answers()).toEqual(['created', 'created', 'created', 'created'])
    }
    for (const each of processes) each.end()
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

  it('bring an older schema up to date, beside processes that still use it', async () => {
    const names = namesOf('older', 'holdfast_sessions')
    await stage.admin.query(migrationStatement(names, 1))
    const [first, second] = [session(), session({ subject: 'ada' })]
    for (const record of [first, second]) {
      await stage.admin.query(statementsOf(names).create.text, recordValues(keyBytes(record.key), record))
    }
    const store = postgresStore({ pool: stage.admin, schema: 'older', sweepInterval: false })
    expect(await store.load(first.key, call())).toMatchObject({ outcome: 'found', record: { body: first.body } })
    // As processes of the release before renew.
    const old = renewal(first)
    const values = [keyBytes(first.key), 1, ...recordValues(keyBytes(old.record.key), old.record)]
    const left = [old.alias.at, old.alias.graceUntil, old.alias.commitId, null]
    const places = [...values, ...left].map((_, index) => `$${index + 1}`).join(', ')
    await stage.admin.query(`SELECT ${names.renew}(${places})`, [...values, ...left])
    expect(await store.load(first.key, call())).toEqual({ outcome: 'moved', key: first.key, alias: old.alias })
    const sealed = renewal(second, 3_600_000)
    expect(await store.renew(sealed, write(sealed.alias.commitId))).toMatchObject({ outcome: 'renewed' })
    expect(await store.load(second.key, call())).toEqual({ outcome: 'moved', key: second.key, alias: sealed.alias })
    const laid = tombstone()
    for (const key of [first.key, second.key]) await store.end(key, laid, write(laid.commitId))
    const { rows } = await stage.admin.query(`SELECT kind, sealed_token FROM ${names.table}`)
    expect(rows).toEqual(Array.from({ length: 4 }, () => ({ kind: 2, sealed_token: null })))
    await store.close()
  })

  it('are not made by a role that may not: the error says what to run', async () => {
    const store = postgresStore({ pool, schema: 'denied', sweepInterval: false })
    await expect(store.load(session().key, call())).rejects.toThrow(/may not create them. Run the SQL/)
    await store.close()
  })

  it('are awaited when they are switched off: a missing schema is an error until somebody makes it', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'late', migrate: false, sweepInterval: false })
    for (const ask of [() => store.load(session().key, call()), () => store.ping(call())]) {
      await expect(ask()).rejects.toThrow(/late.holdfast_sessions is missing.*`await store.migrate\(\)`/s)
    }
    await stage.admin.query(migrationSql({ schema: 'late' }))
    expect(await store.load(session().key, call())).toMatchObject({ outcome: 'absent' })
    await store.close()
  })

  it('are made again when the table has been dropped', async () => {
    const store = postgresStore({ pool: stage.admin, schema: 'dropped', sweepInterval: false })
    const record = session()
    await store.create(record, write(commitOf(record)))
    await stage.admin.query('DROP SCHEMA dropped CASCADE')
    await expect(store.load(record.key, call())).rejects.toThrow(/does not exist/)
    expect(await store.load(record.key, call())).toMatchObject({ outcome: 'absent' })
    await store.close()
  })
})
