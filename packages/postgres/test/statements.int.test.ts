import { Client, Pool } from 'pg'
import { afterAll, beforeEach, beforeAll, describe, expect, it } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { call, commitOf, next, renewal, session, tombstone, write } from './testing/sessions.ts'
import { createStage, QUALIFIED, type Stage } from './testing/stage.ts'

let stage: Stage
let store: PostgresStore
let pool: Pool
let sent: string[] = []

/** A Client that writes down what it sends. */
class WritingClient extends Client {
  override query(...args: never[]): never {
    const [question] = args as unknown as [string | { text: string }]
    sent.push(typeof question === 'string' ? question : question.text)
    return super.query(...(args as unknown as [string])) as never
  }
}

beforeAll(async () => {
  stage = await createStage()
  pool = new Pool({ connectionString: stage.url, connectionTimeoutMillis: 1_000, Client: WritingClient })
  store = stage.store({ pool })
  await store.ping(call())
})
afterAll(async () => {
  await pool.end()
  await stage.close()
})
beforeEach(() => {
  sent = []
})

describe('every verb is one statement', () => {
  it('create, load, update, touch, renew, end, and a listing', async () => {
    const record = session({ subject: 'ada' })
    expect(await store.create(record, write(commitOf(record)))).toMatchObject({ outcome: 'created' })
    expect(await store.load(record.key, call())).toMatchObject({ outcome: 'found' })
    const changed = next(record)
    expect(await store.update(changed, 1, write(commitOf(changed)))).toMatchObject({ outcome: 'updated' })
    const touches = Array.from({ length: 500 }, () => ({ key: session().key, idleUntil: record.idleUntil + 1 }))
    await store.touch([...touches, { key: record.key, idleUntil: record.idleUntil + 1 }], call())
    const moved = renewal(changed)
    expect(await store.renew(moved, write(moved.alias.commitId))).toMatchObject({ outcome: 'renewed' })
    expect((await store.listSubject('ada', { limit: 10 }, call())).sessions).toHaveLength(1)
    const laid = tombstone()
    expect(await store.end(record.key, laid, write(laid.commitId))).toMatchObject({ outcome: 'ended' })
    const verbs = sent.map((text) => /^\w+/.exec(text)?.[0])
    expect(verbs).toEqual(['INSERT', 'SELECT', 'UPDATE', 'UPDATE', 'SELECT', 'SELECT', 'SELECT'])
  })

  it('a refused write asks once more, to learn why', async () => {
    const record = session()
    await store.create(record, write(commitOf(record)))
    sent = []
    expect(await store.update(next(record), 7, write('x'))).toMatchObject({ outcome: 'conflict' })
    expect(sent).toHaveLength(2)
    sent = []
    const again = session({ key: record.key })
    expect(await store.create(again, write(commitOf(again)))).toMatchObject({ outcome: 'exists' })
    expect(sent).toHaveLength(2)
  })

  it('a touch does not wait for the disk, and leaves the connection as it was', async () => {
    const single = new Pool({ connectionString: stage.url, max: 1 })
    const toucher = stage.store({ pool: single })
    const record = session()
    await toucher.create(record, write(commitOf(record)))
    await stage.admin.query(`CREATE TABLE house.seen (setting text)`)
    await stage.admin.query(`CREATE FUNCTION house.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
      $$ BEGIN INSERT INTO house.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$`)
    await stage.admin.query(`CREATE TRIGGER see AFTER UPDATE ON ${QUALIFIED} FOR EACH ROW EXECUTE FUNCTION house.see()`)
    await toucher.touch([{ key: record.key, idleUntil: record.idleUntil + 1 }], call())
    const changed = next(record)
    await toucher.update(changed, 1, write(commitOf(changed)))
    await stage.admin.query(`DROP TRIGGER see ON ${QUALIFIED}`)
    const { rows } = await stage.admin.query('SELECT setting FROM house.seen')
    expect(rows).toEqual([{ setting: 'off' }, { setting: 'on' }])
    await single.end()
  })

  it('a touch of nothing asks nothing', async () => {
    await store.touch([], call())
    expect(sent).toEqual([])
  })
})
