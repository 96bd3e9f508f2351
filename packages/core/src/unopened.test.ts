/** Sessions that a process cannot open can be listed and ended there all the same. */
import { randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { type AnyStore, type SessionRecord, type Sessions, createSessions, memoryStore } from './index.ts'
import type { SessionsOptions } from './options/options.ts'

const newSecret = (): string => randomBytes(32).toString('base64url')
const [LOST, HELD] = [newSecret(), newSecret()] as const
const MINUTE = 60_000

type Change = (record: SessionRecord) => Partial<SessionRecord>
interface Signed {
  readonly cookie: string
  readonly id: string
}

/** Two processes with different keys over one store, whose records can be changed in it. */
function stage(options: SessionsOptions = {}) {
  const clock = manualClock()
  const inner = memoryStore({ clock })
  const changes = new Map<string, Change>()
  const changed = <Found extends { readonly record: SessionRecord }>(found: Found): Found => {
    const change = changes.get(found.record.id)
    return change === undefined ? found : { ...found, record: { ...found.record, ...change(found.record) } }
  }
  const store: AnyStore = {
    ...inner,
    load: async (key, call) => {
      const answer = await inner.load(key, call)
      return answer.outcome === 'found' ? changed(answer) : answer
    },
    listSubject: async (subject, page, call) => {
      const listing = await inner.listSubject(subject, page, call)
      return { ...listing, sessions: listing.sessions.map(changed) }
    },
  }
  const engine = (own: SessionsOptions): Sessions =>
    createSessions({ store, clock, cache: false, jitter: 0, ...options, ...own })
  return {
    clock,
    engine,
    changes,
    former: engine({ seal: { keys: [LOST] } }),
    sessions: engine({ seal: { keys: [HELD] } }),
  }
}

async function login(sessions: Sessions): Promise<Signed> {
  const visit = await serve(sessions, undefined, (session) => session.login('ann'))
  const cookie = visit.newCookie!
  return { cookie, id: (await open(sessions, new Visit(cookie))).id }
}

async function state(sessions: Sessions, cookie: string): Promise<unknown> {
  const session = await open(sessions, new Visit(cookie))
  return session.subject ?? session.endedBecause?.reason
}

const idsIn = async (sessions: Sessions): Promise<string[]> => (await sessions.list('ann')).sessions.map(({ id }) => id)

const flipped: Change = ({ body }) => ({ body: body.map((byte, at) => (at === body.length - 1 ? byte ^ 1 : byte)) })

describe.each([
  { what: 'whose key is missing', reason: 'key-unknown', change: undefined },
  { what: 'of a newer format', reason: 'newer', change: () => ({ format: 99 }) },
  { what: 'with a newer body', reason: 'newer', change: () => ({ body: Uint8Array.of(0x70, 1, 2, 3) }) },
] as const)('a session $what', ({ reason, change }) => {
  async function met(options: SessionsOptions = {}) {
    const all = stage(options)
    const { former, sessions, clock, changes } = all
    const lost = await login(change === undefined ? former : sessions)
    clock.advance(MINUTE)
    const mine = await login(sessions)
    if (change !== undefined) changes.set(lost.id, change)
    return { ...all, lost, mine }
  }

  it('ASVS 7.5.2: is listed by what its header tells, beside the others, and told', async () => {
    const { sessions, clock, lost, mine } = await met()
    const events = await hear('holdfast:unopened', async () => {
      const { sessions: list } = await sessions.list('ann', { current: mine })
      expect(list).toMatchObject([
        { id: lost.id, isReadable: false, firstSeenAt: clock.now() - MINUTE, isCurrent: false, isRemembered: false },
        { id: mine.id, isReadable: true, firstSeenAt: clock.now(), isCurrent: true },
      ])
      expect([list[0]!.agent, list[0]!.address]).toEqual([undefined, undefined])
    })
    expect(events).toEqual([{ id: lost.id, reason }])
  })

  it('ASVS 7.4.5: is ended with all, and each end is told', async () => {
    const { former, sessions, changes, lost, mine } = await met()
    const ended = await hear('holdfast:ended', async () => expect(await sessions.endAll('ann')).toBe(2))
    expect(ended).toHaveLength(2)
    expect(ended).toContainEqual({ id: lost.id, reason: 'elsewhere' })
    changes.clear()
    expect(await state(former, lost.cookie)).toBe('elsewhere')
    expect(await state(sessions, mine.cookie)).toBe('elsewhere')
    expect(await idsIn(former)).toEqual([])
  })

  it('ASVS 7.4.3: is ended as one of the others', async () => {
    const { former, sessions, changes, lost, mine } = await met()
    const visit = await serve(sessions, mine.cookie, async (session) => {
      expect(await sessions.endOthers(session)).toBe(1)
    })
    changes.clear()
    expect(await state(former, lost.cookie)).toBe('elsewhere')
    expect(await state(sessions, visit.newCookie!)).toBe('ann')
  })

  it('is ended by its name, which is not opened for that of another', async () => {
    const { former, sessions, changes, lost, mine } = await met()
    const unopened = await hear('holdfast:unopened', async () => {
      expect(await sessions.end('ann', mine.id)).toBe(true)
    })
    expect(unopened).toEqual([])
    expect(await sessions.end('bob', lost.id)).toBe(false)
    expect(await sessions.end('ann', lost.id)).toBe(true)
    changes.clear()
    expect(await state(former, lost.cookie)).toBe('elsewhere')
  })

  it('takes its seat where the number of sessions is limited, and loses it as the oldest', async () => {
    const { former, sessions, clock, changes, lost, mine } = await met({ maxSessions: 2 })
    clock.advance(MINUTE)
    const third = await login(sessions)
    expect(await idsIn(sessions)).toEqual([mine.id, third.id])
    changes.clear()
    expect(await state(former, lost.cookie)).toBe('limit')
  })
})

describe('a session that nobody can read', () => {
  it('is not listed, but told and ended, so that who has damaged it cannot bring it back by repairing it', async () => {
    const { sessions, changes } = stage()
    const [damaged, other] = [await login(sessions), await login(sessions)]
    changes.set(damaged.id, flipped)
    const unopened = await hear('holdfast:unopened', async () => expect(await idsIn(sessions)).toEqual([other.id]))
    expect(unopened).toEqual([{ id: damaged.id, reason: 'unreadable' }])
    const ended = await hear('holdfast:ended', async () => expect(await sessions.endAll('ann')).toBe(1))
    expect(ended).toHaveLength(2)
    changes.clear()
    expect(await state(sessions, damaged.cookie)).toBe('elsewhere')
  })
})

describe('a process whose provider of keys has never answered', () => {
  it('lists sessions as unreadable, and ends them', async () => {
    const { former, engine } = stage()
    const { cookie } = await login(former)
    const sessions = engine({ seal: { keys: () => Promise.reject(new Error('the vault is sealed')) } })
    expect((await sessions.list('ann')).sessions).toMatchObject([{ isReadable: false }])
    expect(await codeOf(() => state(sessions, cookie))).toBe('ERR_KEYS')
    expect(await sessions.endAll('ann')).toBe(1)
    expect(await state(former, cookie)).toBe('elsewhere')
  })

  it('still fails where the store does', async () => {
    const clock = manualClock()
    const store: AnyStore = {
      ...memoryStore({ clock }),
      listSubject: () => Promise.reject(new Error('the store is down')),
    }
    const sessions = createSessions({ store, clock, seal: { keys: [HELD] } })
    expect(await codeOf(() => sessions.endAll('ann'))).toBe('ERR_STORE_FAILED')
  })
})
