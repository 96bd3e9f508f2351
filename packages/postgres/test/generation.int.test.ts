import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, commitOf, renewal, session, write } from './testing/sessions.ts'
import { createStage, type Stage } from './testing/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const GREATEST = 1_900_000_000_000

it('the generation only grows, whoever raises it, and no sweep removes it', async () => {
  const [store, other] = [stage.store(), stage.store()]
  expect(await store.generation(call())).toBe(0)
  const raised = await Promise.all([5, GREATEST, 7].map((to) => store.raiseGeneration(to, call())))
  expect(Math.max(...raised)).toBe(GREATEST)
  expect(await other.generation(call())).toBe(GREATEST)
  expect(await other.raiseGeneration(6, call())).toBe(GREATEST)
  await store.sweep(call())
  expect(await stage.store().generation(call())).toBe(GREATEST)
})

it('a sealed token is notified to nobody', async () => {
  const store = stage.store({ feed: 'listen' })
  const { rows } = await stage.admin.query<{ channel: string }>(`SELECT 'holdfast_' || left(encode(
    sha256('house.sessions'), 'hex'), 16) AS channel`)
  const listener = new Client({ connectionString: stage.url })
  const told: string[] = []
  listener.on('notification', ({ payload = '' }) => told.push(payload))
  await listener.connect()
  await listener.query(`LISTEN ${rows[0]?.channel}`)
  const record = session()
  await store.create(record, write(commitOf(record)))
  const moved = renewal(record, 3_600_000)
  await store.renew(moved, write(moved.alias.commitId))
  await listener.query('SELECT 1')
  const hex = (key: string): string => Buffer.from(key, 'base64url').toString('hex')
  expect(told).toEqual([`renewed ${hex(record.key)} ${hex(moved.record.key)}`])
  await listener.end()
})
