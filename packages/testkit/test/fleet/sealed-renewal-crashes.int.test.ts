import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { createSessions, type Sessions } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { redisUrl } from '../../src/index.ts'
import { request } from '../lifetimes/request.ts'
import { keyOf } from '../promises/stage.ts'
import type { DeathWish, Outlived } from './sealed-renewing-process.ts'
import { openStore, type OpenedStore, type SharedStore } from './shared-store.ts'

/** More than it takes to renew a session. */
const MOST_COMMANDS = 20
const AT_ONCE = 4
const SEALED = 0x28

/** Lets a process renew a session until it dies, and answers what it told and whether it was killed. */
async function renewing(wish: DeathWish): Promise<{ readonly told: readonly Outlived[]; readonly isKilled: boolean }> {
  const told: Outlived[] = []
  const child = fork(new URL('./sealed-renewing-process.ts', import.meta.url), [JSON.stringify(wish)], {
    execArgv: ['--conditions=@holdfast/source'],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (message) => told.push(message as Outlived))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (signal === null) expect(code).toBe(0)
  return { told, isKilled: signal === 'SIGKILL' }
}

describe('a process that is killed while it renews a sealed session in Redis', () => {
  const secret = randomBytes(32).toString('base64url')
  let choice: SharedStore
  let witness: OpenedStore
  let sessions: Sessions<{ value: string }>

  beforeAll(async () => {
    choice = { type: 'redis', url: await redisUrl(), prefix: `sealed-${randomBytes(4).toString('hex')}` }
    witness = await openStore(choice)
    sessions = createSessions({
      store: witness.store,
      cache: false,
      storeDeadline: '5s',
      commitDeadline: '20s',
      seal: { keys: [secret] },
    })
  })
  afterAll(async () => {
    await sessions?.close()
    await witness?.close()
  })

  async function outcomeOf(key: string): Promise<{ readonly outcome: string; readonly body?: Uint8Array }> {
    const answer = await witness.store.load(key, { signal: AbortSignal.timeout(5000) })
    if (answer.outcome === 'found') return { outcome: 'found', body: answer.record.body }
    if (answer.outcome !== 'moved') return { outcome: answer.outcome }
    const next = await outcomeOf(answer.alias.successor)
    return { ...next, outcome: `moved, ${next.outcome}` }
  }

  it('CS-9: leaves exactly one session, whose seal opens, before whatever command it died', async () => {
    const outcomes = new Set<string>()

    /** Answers whether there was such a command, so that it died. */
    async function die(before: number): Promise<boolean> {
      const [subject, value] = [`user-${randomBytes(6).toString('hex')}`, randomBytes(12).toString('hex')]
      const { told, isKilled } = await renewing({ choice, secret, subject, value, before })
      const what = `killed before command ${before}`
      expect(told, what).toHaveLength(isKilled ? 1 : 2)
      await delay(100) // what it had sent is still carried out
      const { cookie } = told[0]!
      if (before % 2 === 0) expect((await sessions.list(subject)).sessions, what).toHaveLength(1)

      const { outcome, body = new Uint8Array() } = await outcomeOf(keyOf(cookie))
      expect(['found', 'moved, found'], what).toContain(outcome)
      outcomes.add(outcome)
      expect(body[0], what).toBe(SEALED)
      expect(Buffer.from(body).includes(value), what).toBe(false)

      const seen = await request(sessions, cookie, (session) => [session.subject, session.get('value')])
      expect(seen.result, what).toEqual([subject, value])
      expect((await sessions.list(subject)).sessions, what).toMatchObject([{ isReadable: true }])
      expect(await sessions.endAll(subject), what).toBe(1)
      for (const each of [cookie, seen.cookie]) {
        expect((await request(sessions, each, (session) => session.isNew)).result, what).toBe(true)
      }
      return isKilled
    }

    let isDying = true
    for (let before = 0; isDying; before += AT_ONCE) {
      expect(before).toBeLessThan(MOST_COMMANDS)
      const deaths = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => die(before + index)))
      if (before === 0) expect(deaths[0]).toBe(true)
      isDying = deaths.every((isKilled) => isKilled)
    }
    expect([...outcomes].sort()).toEqual(['found', 'moved, found'])
  })
})
