import { describe, expect, it } from 'vitest'

import { type ManualClock, Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { type AnyStore, type Sessions, type SessionsOptions, createSessions, memoryStore } from './index.ts'
import { keyOf } from './mechanisms/token.ts'

interface Data {
  n: number
}

const MINUTE = 60_000

interface Stage {
  readonly sessions: Sessions<Data>
  readonly other: Sessions<Data>
  readonly store: ReturnType<typeof memoryStore>
  readonly clock: ManualClock
}

/** Two processes over one store. */
function stage(options: SessionsOptions = {}, wrap: (store: AnyStore) => AnyStore = (one) => one): Stage {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const make = (): Sessions<Data> => createSessions<Data>({ store: wrap(store), jitter: 0, ...options })
  return { sessions: make(), other: make(), store, clock }
}

async function login(
  sessions: Sessions<Data>,
  subject = 'ann',
  headers: Record<string, string> = {},
  address?: string,
) {
  const visit = Object.assign(new Visit(undefined, headers), { address })
  const session = await open(sessions, visit)
  session.login(subject)
  await sessions.finish(session, { status: 200 })
  const cookie = visit.newCookie!
  return { cookie, id: (await open(sessions, new Visit(cookie))).id }
}

async function state(sessions: Sessions<Data>, cookie: string): Promise<unknown> {
  const session = await open(sessions, new Visit(cookie))
  return session.subject ?? session.endedBecause?.reason
}

describe('a list of a subject’s sessions', () => {
  it('ASVS 7.5.2: shows each with its public name, its client and its times, and which one is current', async () => {
    const { sessions, clock } = stage({ devices: { describeAgent: (header) => header.split('/')[0] } })
    const startedAt = clock.now()
    const first = await login(sessions, 'ann', { 'user-agent': 'Firefox/140' }, '203.0.113.77')
    clock.advance(MINUTE)
    const second = await login(sessions, 'ann', { 'user-agent': 'Safari/26' }, '2001:db8:77:1::5')
    await login(sessions, 'bob')
    clock.advance(10 * MINUTE)
    const current = await open(sessions, new Visit(second.cookie))
    const list = await sessions.list('ann', { current })
    expect(list).toEqual({
      sessions: [
        {
          id: first.id,
          agent: 'Firefox',
          address: '203.0.113.0/24',
          firstSeenAt: startedAt,
          lastSeenAt: startedAt,
          isRemembered: false,
          isCurrent: false,
          isReadable: true,
        },
        {
          id: second.id,
          agent: 'Safari',
          address: '2001:db8:77::/48',
          firstSeenAt: startedAt + MINUTE,
          lastSeenAt: startedAt + MINUTE,
          isRemembered: false,
          isCurrent: true,
          isReadable: true,
        },
      ],
      next: undefined,
    })
  })

  it('ASVS 7.5.2: holds no token, no key, and nothing to derive one from', async () => {
    const { sessions } = stage()
    const { cookie } = await login(sessions, 'ann', { 'user-agent': 'Firefox/140.0 (full)' }, '203.0.113.77')
    const text = JSON.stringify(await sessions.list('ann'))
    const token = cookie.split('=')[1]!
    for (const secret of [token, keyOf(token), 'full', '203.0.113.77']) expect(text).not.toContain(secret)
  })

  it('shows when a session was last used', async () => {
    const { sessions, clock } = stage()
    const { cookie } = await login(sessions)
    clock.advance(10 * MINUTE)
    await serve(sessions, cookie, (s) => s.subject)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await sessions.list('ann')).sessions[0]?.lastSeenAt).toBe(clock.now())
  })

  it('NIST 5.3-c: keeps neither label nor address where that is turned off, and no address that is none', async () => {
    const off = stage({ devices: { address: false } })
    await login(off.sessions, 'ann', { 'user-agent': 'Firefox' }, '203.0.113.77')
    const strange = stage({
      devices: {
        describeAgent: () => {
          throw new Error('no')
        },
      },
    })
    await login(strange.sessions, 'ann', { 'user-agent': 'Firefox' }, 'unix:')
    for (const { sessions } of [off, strange]) {
      expect((await sessions.list('ann')).sessions[0]).toMatchObject({ agent: undefined, address: undefined })
    }
  })

  it('comes in pages', async () => {
    const { sessions, clock } = stage()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) {
      ids.push((await login(sessions)).id)
      clock.advance(1)
    }
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await sessions.list('ann', { limit: 2, after })
      seen.push(...page.sessions.map(({ id }) => id))
      after = page.next
    } while (after !== undefined)
    expect(seen).toEqual(ids)
    expect(await codeOf(() => sessions.list('ann', { limit: 0 }))).toBe('ERR_OPTIONS')
    expect(await codeOf(() => sessions.list('ann', { pages: 1 } as never))).toBe('ERR_OPTIONS')
  })

  it('keeps a session over its renewal, and skips what a crash of one has left', async () => {
    const { sessions, store, clock } = stage()
    const { cookie, id } = await login(sessions)
    const renewed = (await serve(sessions, cookie, (s) => s.renew())).newCookie!
    expect((await sessions.list('ann')).sessions.map((one) => one.id)).toEqual([id])
    // A renewal by age in steps, whose process died before the old key led to the new record.
    clock.advance(16 * MINUTE)
    const offered: unknown[] = []
    const crashing = createSessions<Data>({
      store: {
        ...store,
        renew: async ({ record }) => {
          offered.push(
            await store.create(record, { signal: new AbortController().signal, commitId: record.commits[0]! }),
          )
          throw new Error('crash')
        },
      },
      jitter: 0,
    })
    await serve(crashing, renewed, (s) => s.subject)
    expect(offered[0]).toMatchObject({ outcome: 'created' })
    expect(
      (await store.listSubject('ann', { limit: 10 }, { signal: new AbortController().signal })).sessions,
    ).toHaveLength(2)
    expect((await sessions.list('ann')).sessions.map((one) => one.id)).toEqual([id])
  })

  it.each([undefined, 42, '', 'x'.repeat(513), '\ud800'])(
    'is refused for %j, which names nobody: nobody must believe that their sessions have ended',
    async (wrong) => {
      const { sessions } = stage()
      const subject = wrong as string
      for (const call of [
        () => sessions.list(subject),
        () => sessions.end(subject, 'x'),
        () => sessions.endAll(subject),
      ]) {
        expect(await codeOf(call)).toBe('ERR_OPTIONS')
      }
      await expect(sessions.endAll(subject)).rejects.toThrow(/sessions\.endAll\(\).*\n- `subject`: .* names nobody/)
    },
  )

  it('is refused where the store cannot find a subject’s sessions', async () => {
    const { listSubject: _, ...store } = memoryStore()
    const sessions = createSessions({ store })
    for (const call of [() => sessions.list('ann'), () => sessions.end('ann', 'x'), () => sessions.endAll('ann')]) {
      expect(await codeOf(call)).toBe('ERR_POWER_MISSING')
    }
    expect(() => createSessions({ store, maxSessions: 3 })).toThrow(/maxSessions/)
  })
})

describe('ending sessions from elsewhere', () => {
  it('ASVS 7.5.2: ends one by its public name, on every process, and its user is told why', async () => {
    const { sessions, other } = stage()
    const [mine, lost] = [await login(sessions), await login(other)]
    expect(await state(other, lost.cookie)).toBe('ann')
    const ended = await hear('holdfast:ended', async () => {
      expect(await sessions.end('ann', lost.id)).toBe(true)
    })
    expect(ended).toEqual([{ id: lost.id, reason: 'elsewhere' }])
    expect(await state(other, lost.cookie)).toBe('elsewhere')
    expect(await state(other, mine.cookie)).toBe('ann')
    expect(await sessions.end('ann', lost.id)).toBe(false)
  })

  it('ASVS 7.5.2: an id of one user can end nothing of another’s', async () => {
    const { sessions } = stage()
    const bob = await login(sessions, 'bob')
    expect(await sessions.end('ann', bob.id)).toBe(false)
    expect(await state(sessions, bob.cookie)).toBe('bob')
  })

  it('ASVS 7.4.3: ends all others, and renews the one that asks', async () => {
    const { sessions, other } = stage()
    const mine = await login(sessions)
    const others = [await login(other), await login(other)]
    const visit = await serve(sessions, mine.cookie, async (s) => expect(await sessions.endOthers(s)).toBe(2))
    expect(visit.newCookie).not.toBe(mine.cookie)
    expect(await state(sessions, visit.newCookie!)).toBe('ann')
    expect(await state(other, mine.cookie)).toBe(undefined)
    for (const { cookie } of others) expect(await state(other, cookie)).toBe('elsewhere')
    await serve(sessions, undefined, async (s) => {
      expect(await codeOf(() => sessions.endOthers(s))).toBe('ERR_AUTH_REQUIRED')
    })
  })

  it('ASVS 7.4.2: ends all sessions of a subject, also those that are renewed meanwhile', async () => {
    const { sessions, other } = stage()
    const all = await Promise.all(Array.from({ length: 30 }, () => login(other)))
    const renewing = all.slice(0, 10).map(({ cookie }) => serve(other, cookie, (s) => s.renew()).catch(() => undefined))
    expect(await sessions.endAll('ann')).toBe(30)
    const visits = await Promise.all(renewing)
    for (const cookie of [...all.map((one) => one.cookie), ...visits.map((visit) => visit?.newCookie)]) {
      if (cookie !== undefined) expect(await state(other, cookie)).not.toBe('ann')
    }
    expect((await sessions.list('ann')).sessions).toEqual([])
  })

  it('ASVS 7.4.1: a request that was under way when its session was ended does not bring it back', async () => {
    const { sessions, other } = stage()
    const { cookie, id } = await login(sessions)
    const serving = serve(other, cookie, async (s) => {
      s.set('n', 1)
      await sessions.end('ann', id)
    })
    expect(await codeOf(() => serving)).toBe('ERR_GONE')
    expect(await state(other, cookie)).toBe('elsewhere')
  })
})

describe('the end of everything', () => {
  it('ASVS 7.4.5: ends every session, signed in or not, by one write', async () => {
    let writes = 0
    const { sessions } = stage({}, (store) => ({
      ...store,
      end: (...call) => (writes++, store.end(...call)),
      raiseGeneration: (...call) => (writes++, store.raiseGeneration!(...call)),
    }))
    const cookies = [
      (await login(sessions)).cookie,
      (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!,
    ]
    await sessions.endEverything()
    expect(writes).toBe(1)
    for (const cookie of cookies) expect(await state(sessions, cookie)).toBe('elsewhere')
    expect((await sessions.list('ann')).sessions).toEqual([])
    const later = await login(sessions)
    expect(await state(sessions, later.cookie)).toBe('ann')
    await sessions.endEverything()
    expect(await state(sessions, later.cookie)).toBe('elsewhere')
  })

  it('ASVS 7.4.1: other processes know within two heartbeats, copies or not', { timeout: 5000 }, async () => {
    const { sessions, other } = stage()
    const { cookie } = await login(other)
    expect(await state(other, cookie)).toBe('ann')
    await sessions.endEverything()
    await new Promise((resolve) => setTimeout(resolve, 2050))
    expect(await state(other, cookie)).toBe('elsewhere')
  })

  it('a process that has not read the generation yet reads it with its first load', async () => {
    const { sessions, other } = stage()
    const { cookie } = await login(sessions)
    await sessions.endEverything()
    expect(await state(other, cookie)).toBe('elsewhere')
    expect(await state(other, (await login(other)).cookie)).toBe('ann')
  })

  it('stays so when the store forgets it', { timeout: 5000 }, async () => {
    let isForgotten = false
    const { sessions, store } = stage({}, (sound) => ({
      ...sound,
      generation: async (call) => (isForgotten ? 0 : sound.generation!(call)),
      raiseGeneration: async (to, call) => ((isForgotten = false), sound.raiseGeneration!(to, call)),
    }))
    const { cookie } = await login(sessions)
    await sessions.endEverything()
    isForgotten = true
    await new Promise((resolve) => setTimeout(resolve, 2050))
    expect(await state(sessions, cookie)).toBe('elsewhere')
    expect(isForgotten).toBe(false)
    expect(await store.generation({ signal: new AbortController().signal })).toBeGreaterThan(0)
  })

  it('fails closed: a generation that cannot be read leads to 503', async () => {
    const { sessions, other } = stage({ storeDeadline: 50 }, (sound) => ({
      ...sound,
      generation: () => Promise.reject(new Error('down')),
    }))
    void sessions
    expect(await codeOf(() => login(other))).toBe('ERR_STORE_FAILED')
    const session = await open(other, new Visit(`id=${'A'.repeat(32)}`))
    expect(await codeOf(() => session.subject)).toBe('ERR_STORE_FAILED')
  })

  it('is refused where the store has no generations', async () => {
    const { generation: _, raiseGeneration: __, ...store } = memoryStore()
    expect(await codeOf(() => createSessions({ store }).endEverything())).toBe('ERR_POWER_MISSING')
  })
})
