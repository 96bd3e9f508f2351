import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { type FaultProxy, faultProxy, type PostgresServer, startPostgres } from '@holdfast/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { measured } from './testing/measured.ts'
import { call, commitOf, next, renewal, session, tombstone, write } from './testing/sessions.ts'
import { createStage, QUALIFIED, type Stage } from './testing/stage.ts'

/** The engine's. */
const DEADLINE = 250

/** What a busy machine is forgiven. */
const IN_TIME = DEADLINE + 250

let server: PostgresServer
let proxy: FaultProxy
let stage: Stage
let pool: Pool
let store: PostgresStore

beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'off' } })
  proxy = await faultProxy({ port: server.port })
  stage = await createStage({ url: server.url })
}, 60_000)
afterAll(async () => {
  await stage.close().catch(() => {})
  await proxy.stop()
  await server.stop()
})
beforeEach(async () => {
  pool = stage.pool({ connectionString: proxy.urlOf(stage.url), max: 5, connectionTimeoutMillis: 1_000 })
  store = stage.store({ pool })
  await store.ping(call())
})
afterEach(async () => {
  await proxy.pass()
  await store.close()
  await pool.end()
})

/** Asks, and answers how long that took and what came of it. */
async function timed(ask: () => Promise<{ outcome: string }>): Promise<{ outcome: string; ms: number }> {
  const startedAt = performance.now()
  const outcome = await ask().then(
    (answer) => answer.outcome,
    () => 'error',
  )
  return { outcome, ms: performance.now() - startedAt }
}

/** Asks again and again, and answers after how long the store served. */
async function recovery(key: string): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const { outcome } = await timed(() => store.load(key, call(DEADLINE)))
    if (outcome !== 'error') return performance.now() - startedAt
    if (performance.now() - startedAt > 10_000) return Number.POSITIVE_INFINITY
    await delay(20)
  }
}

async function given(): Promise<ReturnType<typeof session>> {
  const record = session()
  await store.create(record, write(commitOf(record)))
  return record
}

describe('a table that somebody has locked', () => {
  it('holds nobody beyond the deadline, leaves no backend behind, and serves as soon as it is free', async () => {
    const record = await given()
    const locker = await stage.admin.connect()
    await locker.query(`BEGIN; LOCK TABLE ${QUALIFIED} IN ACCESS EXCLUSIVE MODE`)
    for (let round = 0; round < 4; round += 1) {
      const verbs = [
        () => store.load(record.key, call(DEADLINE)),
        () => store.update(next(record), 1, write('late', DEADLINE)),
        () => store.end(session().key, tombstone(), write('late', DEADLINE)),
      ]
      for (const { outcome, ms } of await Promise.all([...verbs, ...verbs, ...verbs].map(timed))) {
        expect(outcome).toBe('error')
        expect(ms).toBeLessThan(IN_TIME)
      }
    }
    await delay(200)
    const { rows } = await stage.admin.query(
      `SELECT count(*)::integer AS waiting FROM pg_stat_activity WHERE usename = $1 AND state = 'active'`,
      [stage.role],
    )
    expect(rows).toEqual([{ waiting: 0 }])
    await locker.query('ROLLBACK')
    locker.release()
    expect(await recovery(record.key)).toBeLessThan(1_000)
    expect(await store.load(record.key, call(DEADLINE))).toMatchObject({ outcome: 'found', record: { revision: 1 } })
  })
})

describe('a backend that is terminated', () => {
  /** It is only asked to end, and on a busy machine takes its time. */
  const ended = async (pids: readonly number[]): Promise<void> => {
    const left = 'SELECT count(*)::integer AS alive FROM pg_stat_activity WHERE pid = ANY ($1)'
    await expect
      .poll(async () => (await stage.admin.query(left, [pids])).rows, { timeout: 10_000 })
      .toEqual([{ alive: 0 }])
  }

  it('fails the call that it worked for at most, and nobody after it', async () => {
    const record = await given()
    for (let round = 0; round < 20; round += 1) {
      const asked = Promise.all(Array.from({ length: 5 }, () => timed(() => store.load(record.key, call(DEADLINE)))))
      const { rows } = await stage.admin.query<{ pid: number }>(
        'SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1',
        [stage.role],
      )
      await asked
      await ended(rows.map(({ pid }) => pid))
      await delay(10)
      const { outcome } = await timed(() => store.load(record.key, call()))
      expect(outcome).toBe('found')
    }
  })

  it('leaves of a renewal all or nothing: exactly one key is valid', async () => {
    const counts = { renewed: 0, untouched: 0 }
    const rounds = Array.from({ length: 150 }, async (_, round) => {
      const base = await given()
      const moved = renewal(base)
      const asked = timed(() => store.renew(moved, write(moved.alias.commitId)))
      if (round % 3 === 0) {
        await stage.admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND query LIKE '%renew%'`,
          [stage.role],
        )
      }
      await asked
      return [base.key, moved.record.key] as const
    })
    const pairs = (await Promise.allSettled(rounds)).flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    )
    expect(pairs.length).toBeGreaterThan(50)
    await delay(100)
    for (const [old, renewed] of pairs) {
      await recovery(old)
      const [before, after] = [await store.load(old, call()), await store.load(renewed, call())]
      if (before.outcome === 'found') expect(after.outcome).toBe('absent')
      else expect([before.outcome, after.outcome]).toEqual(['moved', 'found'])
      counts[before.outcome === 'found' ? 'untouched' : 'renewed'] += 1
    }
    measured('renewals under terminated backends', counts)
  })
})

describe('a connection that is reset', () => {
  it('fails its call and never the process, whether it is in use or idle', async () => {
    const unheard: unknown[] = []
    const outcomes: string[] = []
    const listen = (error: unknown): void => void unheard.push(error)
    process.on('uncaughtException', listen)
    const record = await given()
    for (let round = 0; round < 10; round += 1) {
      proxy.hold({ direction: 'down' })
      const asked = Array.from({ length: 5 }, () => timed(() => store.load(record.key, call(DEADLINE))))
      await delay(20)
      proxy.dropConnections()
      await proxy.pass()
      outcomes.push(...(await Promise.all(asked)).map(({ outcome }) => outcome))
      expect(await recovery(record.key)).toBeLessThan(1_000)
      proxy.dropConnections()
      await delay(5)
    }
    process.off('uncaughtException', listen)
    expect(unheard).toEqual([])
    expect(outcomes).toContain('error')
  })
})

describe('a server that stops, ends or cannot be reached', () => {
  it('is served by within a second after it went on', async () => {
    const record = await given()
    server.pause()
    for (let round = 0; round < 4; round += 1) {
      const asked = Array.from({ length: 10 }, () => timed(() => store.load(record.key, call(DEADLINE))))
      for (const { ms } of await Promise.all(asked)) expect(ms).toBeLessThan(IN_TIME)
    }
    server.resume()
    expect(await recovery(record.key)).toBeLessThan(1_000)
    expect(pool.waitingCount).toBe(0)
  })

  it('is served by within a second after it was killed and started again', async () => {
    const record = await given()
    await server.kill()
    expect(await timed(() => store.load(record.key, call(DEADLINE)))).toMatchObject({ outcome: 'error' })
    await server.restart()
    const ms = await recovery(record.key)
    measured('serving again after the restart', `${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(1_000)
    expect(await store.load(record.key, call(DEADLINE))).toMatchObject({ outcome: 'found' })
  })

  it('is served by within a second after the network let packets through again', async () => {
    const record = await given()
    proxy.swallow()
    for (let round = 0; round < 3; round += 1) {
      const asked = Array.from({ length: 8 }, () => timed(() => store.load(record.key, call(DEADLINE))))
      for (const { outcome, ms } of await Promise.all(asked)) {
        expect(outcome).toBe('error')
        expect(ms).toBeLessThan(IN_TIME)
      }
    }
    await proxy.pass()
    const ms = await recovery(record.key)
    measured('serving again after the network came back', `${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(1_100)
  })

  it('may be one that can only be read: refused, and told by ping', async () => {
    await stage.admin.query(`ALTER ROLE ${stage.role} SET default_transaction_read_only = on`)
    const reader = stage.store({ pool: stage.pool() })
    await expect(reader.ping(call())).rejects.toThrow(/may only be read/)
    const record = session()
    await expect(reader.create(record, write(commitOf(record)))).rejects.toThrow(/read-only/)
    await stage.admin.query(`ALTER ROLE ${stage.role} RESET default_transaction_read_only`)
    await expect(reader.ping(call())).resolves.toBeUndefined()
  })
})

describe('answers that are lost', () => {
  it('a write whose answer was cut is applied once, and its retry says so', async () => {
    const base = await given()
    let latest = base
    for (let round = 0; round < 20; round += 1) {
      const changed = next(latest)
      const cut = proxy.cutBeforeNextReply()
      await Promise.all([timed(() => store.update(changed, latest.revision, write(commitOf(changed), DEADLINE))), cut])
      const again = await store.update(changed, latest.revision, write(commitOf(changed)))
      expect(again.outcome).toBe('updated')
      latest = changed
    }
    expect(await store.load(base.key, call(DEADLINE))).toMatchObject({ record: { revision: 21 } })
  })

  it('replies that have shifted never show another session', async () => {
    const records = await Promise.all(Array.from({ length: 50 }, () => given()))
    const seen = { right: 0, wrong: 0, failed: 0 }
    for (let round = 0; round < 10; round += 1) {
      void (round % 2 === 0 ? proxy.loseNextReply() : proxy.loseHalfOfNextReply())
      const asked = records.map(async ({ key }) => {
        const answer = await store.load(key, call(DEADLINE)).catch(() => undefined)
        if (answer === undefined) seen.failed += 1
        else if (answer.key !== key) {
          store.reset(new Error('shifted')) // as the engine does
          seen.failed += 1
        } else if (answer.outcome === 'found' && answer.record.key === key) seen.right += 1
        else seen.wrong += 1
      })
      await Promise.all(asked)
    }
    measured('lost replies', seen)
    expect(seen.wrong).toBe(0)
    expect(seen.right).toBeGreaterThan(0)
  })
})

describe('a pool that others have emptied', () => {
  it('holds nobody beyond the deadline, and serves when a connection comes back', async () => {
    const record = await given()
    const taken = await Promise.all(Array.from({ length: 5 }, () => pool.connect()))
    for (const { outcome, ms } of await Promise.all(
      Array.from({ length: 10 }, () => timed(() => store.load(record.key, call(DEADLINE)))),
    )) {
      expect(outcome).toBe('error')
      expect(ms).toBeLessThan(IN_TIME)
    }
    for (const client of taken) client.release()
    expect(await recovery(record.key)).toBeLessThan(1_000)
  })
})
