import { setTimeout as delay } from 'node:timers/promises'
import {
  type FaultProxy,
  faultProxy,
  type Pgbouncer,
  type PostgresServer,
  startPgbouncer,
  startPostgres,
} from '@holdfast/testkit'
import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { ear, isHealthy, until } from './testing/ear.ts'
import { measured } from './testing/measured.ts'
import { commitOf, endedIn, renewal, session, write } from './testing/sessions.ts'
import { createStage, QUALIFIED, type Stage } from './testing/stage.ts'

let server: PostgresServer
let proxy: FaultProxy
let stage: Stage
let writer: PostgresStore
let notifier: PostgresStore

beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'off' } })
  proxy = await faultProxy({ port: server.port })
  stage = await createStage({ url: server.url })
  writer = stage.store({ feed: 'poll' })
  notifier = stage.store({ feed: 'listen' })
}, 60_000)
afterAll(async () => {
  await stage.close()
  await proxy.stop()
  await server.stop()
})

describe.each(['poll', 'listen'] as const)('the feed by %s', (feed) => {
  const other = (): PostgresStore => (feed === 'poll' ? writer : notifier)

  function listener(pool: Pool): PostgresStore {
    return stage.store({ pool, feed, feedInterval: 100 })
  }

  it('tells a process of what others end and renew, each once', async () => {
    const store = listener(stage.pool())
    const heard = ear(store)
    await until(() => isHealthy(store))
    const keys = await Promise.all(Array.from({ length: 30 }, () => endedIn(other())))
    const base = session()
    await other().create(base, write(commitOf(base)))
    const moved = renewal(base)
    await other().renew(moved, write(moved.alias.commitId))
    await until(() => [...keys, base.key].every(heard.knows))
    await delay(250)
    const counts = keys.map((key) => heard.told.filter((each) => each.type === 'ended' && each.key === key).length)
    expect(counts).toEqual(keys.map(() => 1))
    expect(heard.told).toContainEqual({ type: 'renewed', key: base.key, successor: moved.record.key })
    expect(heard.states()).toEqual(['coherent'])
    await heard.close()
  })

  it('tells nothing of what happened before', async () => {
    const key = await endedIn(other())
    const store = listener(stage.pool())
    const heard = ear(store)
    await until(() => isHealthy(store))
    await delay(250)
    expect(heard.knows(key)).toBe(false)
    await heard.close()
  })

  it('is healthy no longer than its heartbeat lasts, says so, and is coherent again when the network is', async () => {
    const store = listener(stage.pool({ connectionString: proxy.urlOf(stage.url) }))
    const heard = ear(store)
    await until(() => isHealthy(store))
    proxy.swallow()
    const lasted = await until(() => !isHealthy(store))
    expect(lasted).toBeLessThan(feed === 'poll' ? 600 : 1_500)
    await until(() => heard.states().includes('detached'))
    await proxy.pass()
    proxy.dropConnections()
    await until(() => isHealthy(store))
    const [first, ...rest] = heard.states()
    expect(first).toBe('coherent')
    expect(rest.at(-1)).toBe('coherent')
    expect(rest.slice(0, -1)).toContain('detached')
    const key = await endedIn(other())
    await until(() => heard.knows(key))
    await heard.close()
  })

  it('asks nothing of the database while nobody listens', async () => {
    const pool = stage.pool()
    const store = listener(pool)
    await delay(150)
    expect(pool.totalCount).toBe(0)
    const heard = ear(store)
    await until(() => isHealthy(store))
    await heard.close()
    expect(isHealthy(store)).toBe(false)
  })
})

describe('the feed by poll', () => {
  it('does not miss an end whose commit came late, behind later ones', async () => {
    const store = stage.store({ pool: stage.pool(), feedInterval: 50 })
    const heard = ear(store)
    await until(() => isHealthy(store))
    const record = session()
    await writer.create(record, write(commitOf(record)))
    const slow = await stage.admin.connect()
    await slow.query('BEGIN')
    await slow.query(`SELECT house.sessions_end($1, 'logout', 0, NULL, 'slow', NULL)`, [
      Buffer.from(record.key, 'base64url'),
    ])
    const later = await endedIn(writer)
    await until(() => heard.knows(later))
    await delay(200)
    expect(heard.knows(record.key)).toBe(false)
    await slow.query('COMMIT')
    slow.release()
    await until(() => heard.knows(record.key))
    expect(heard.told.filter((each) => each.type === 'ended' && each.key === later)).toHaveLength(1)
    await heard.close()
  })
})

describe('the feed by listen', () => {
  it('tells at once', async () => {
    const store = stage.store({ pool: stage.pool(), feed: 'listen' })
    const heard = ear(store)
    await until(() => isHealthy(store))
    const delays: number[] = []
    for (let round = 0; round < 50; round += 1) {
      const key = await endedIn(notifier)
      delays.push(await until(() => heard.knows(key)))
    }
    measured('an end is told by LISTEN within', `${Math.max(...delays).toFixed(1)} ms, in 50`)
    expect(Math.max(...delays)).toBeLessThan(200)
    await heard.close()
  })

  it('notifies nothing that opens a session', async () => {
    const client = new Client({ connectionString: server.url.replace(/\/postgres$/, new URL(stage.url).pathname) })
    const payloads: string[] = []
    await client.connect()
    client.on('notification', ({ payload }) => payloads.push(payload ?? ''))
    const { rows } = await stage.admin.query<{ channel: string }>(
      `SELECT 'holdfast_' || left(encode(sha256('${QUALIFIED}'), 'hex'), 16) AS channel`,
    )
    await client.query(`LISTEN "${rows[0]?.channel}"`)
    const key = await endedIn(notifier)
    await until(() => payloads.length > 0)
    expect(payloads).toEqual([expect.stringMatching(/^ended [0-9a-f]{32} [\w-]{16} logout$/)])
    expect(payloads[0]).not.toContain(key)
    await client.end()
  })

  it('warns when a pooler swallows what it is to hear', async () => {
    const pgbouncer: Pgbouncer = await startPgbouncer({ postgresUrl: server.url, users: [stage.role] })
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const url = new URL(stage.url)
    url.host = `127.0.0.1:${pgbouncer.port}`
    const listen = (): Client => new Client({ connectionString: url.href })
    const store = stage.store({ pool: stage.pool(), feed: 'listen', feedInterval: 100, listen })
    const heard = ear(store)
    try {
      await until(() => warned.mock.calls.length > 0)
      expect(warned.mock.calls.map(([, options]) => options)).toContainEqual(
        expect.objectContaining({ code: 'WARN_POSTGRES_NOT_HEARD' }),
      )
      expect(isHealthy(store)).toBe(false)
    } finally {
      warned.mockRestore()
      await heard.close()
      await pgbouncer.stop()
    }
  })
})
