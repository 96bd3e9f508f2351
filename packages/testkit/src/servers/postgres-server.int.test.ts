import { statSync } from 'node:fs'

import { Client, Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { childrenOf, isRunning } from './process-tree.ts'

let server: PostgresServer
let pool: Pool

beforeAll(async () => {
  server = await startPostgres({ settings: { work_mem: '5MB' } })
  pool = new Pool({ connectionString: server.url })
  pool.on('error', () => {})
})

afterAll(async () => {
  await pool.end()
  await server.stop()
})

it('listens on loopback only, durable, with the settings that were given, and not as root', async () => {
  const { rows } = await pool.query(
    `select name, setting from pg_settings
     where name in ('listen_addresses', 'fsync', 'synchronous_commit', 'work_mem') order by name`,
  )
  expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
    'fsync=on',
    'listen_addresses=127.0.0.1',
    'synchronous_commit=on',
    'work_mem=5120',
  ])
  expect(statSync(server.dataDir).uid).not.toBe(0)
})

it('makes databases', async () => {
  const client = new Client({ connectionString: await server.createDatabase('with "quotes"') })
  await client.connect()
  const { rows } = await client.query('select current_database() as name')
  await client.end()
  expect(rows).toEqual([{ name: 'with "quotes"' }])
})

it('answers nothing while it is paused, nor lets anyone in, and all of it afterwards', async () => {
  await pool.query('select 1')
  server.pause()
  const other = new Pool({ connectionString: server.url })
  const waiting = [pool.query('select 2 as n'), other.query('select 3 as n')]
  const first = await Promise.race([...waiting, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))])
  expect(first).toBe('nothing')
  server.resume()
  expect((await Promise.all(waiting)).map(({ rows }) => rows[0].n)).toEqual([2, 3])
  await other.end()
})

it('keeps what it acknowledged when it is killed with all its backends, and comes back on its port', async () => {
  await pool.query('create table t (n int)')
  await pool.query('insert into t values (1)')
  const before = [server.pid, ...childrenOf(server.pid)]
  const told: Error[] = []
  pool.on('error', (error) => told.push(error))
  expect(before.length).toBeGreaterThan(5)
  await server.kill()
  expect(before.filter((pid) => isRunning(pid))).toEqual([])
  await expect.poll(() => told.length).toBeGreaterThan(0)
  expect(told.filter((error) => 'severity' in error)).toEqual([])
  await server.restart({ settings: { work_mem: '6MB' } })
  const { rows } = await pool.query(`select n, current_setting('work_mem') as memory from t`)
  expect(rows).toEqual([{ n: 1, memory: '6MB' }])
})

it('runs out of disk, still reads, and has room again', async () => {
  const fill = `insert into filler select repeat(md5(n::text), 30) from generate_series(1, 20000) n`
  await pool.query('create table filler (text text)')
  server.limitFileSize(16 << 20)
  await expect(pool.query(fill)).rejects.toThrow('could not extend file')
  expect((await pool.query('select n from t')).rows).toEqual([{ n: 1 }])
  server.limitFileSize()
  await pool.query(fill)
})

it('is restarted in good order', async () => {
  await server.restart()
  expect((await pool.query('select n from t')).rows).toEqual([{ n: 1 }])
})

it('tells why it does not start', async () => {
  await expect(startPostgres({ settings: { no_such_setting: '1' } })).rejects.toThrow(/no_such_setting/)
})
