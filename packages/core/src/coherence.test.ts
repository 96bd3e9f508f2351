import { describe, expect, it } from 'vitest'

import { Visit, codeOf, hear, manualClock, open, serve } from '../test/visit.ts'
import { interfered } from '../test/stores.ts'
import {
  type AnyStore,
  type FeedStateChange,
  type SessionsOptions,
  type Sessions,
  type StoreChange,
  createSessions,
  memoryStore,
} from './index.ts'

interface Data {
  n: number
  m: number
}

const MINUTE = 60_000

type Message = StoreChange | FeedStateChange

/** Two engines as two processes: one store, and to each of them a feed that the test holds up and lets go. */
function twoProcesses(options: SessionsOptions = {}) {
  const store = memoryStore(options.clock === undefined ? {} : { clock: options.clock })
  const here = process(store, options)
  const there = process(store, options)
  return { store, here, there }
}

function process(store: AnyStore, options: SessionsOptions) {
  const line = { isHeld: false, isHealthy: true, waiting: [] as (() => void)[], tell: (_: Message): void => {} }
  const remote: AnyStore = {
    ...store,
    isFeedHealthy: () => line.isHealthy,
    subscribe: (listener) => {
      line.tell = listener
      return store.subscribe!((change) => (line.isHeld ? line.waiting.push(() => listener(change)) : listener(change)))
    },
  }
  const sessions = createSessions<Data>({ store: remote, ...options })
  const release = (): void => {
    line.isHeld = false
    for (const tell of line.waiting.splice(0)) tell()
  }
  return { sessions, line, release }
}

async function begin(sessions: Sessions<Data>): Promise<string> {
  return (await serve(sessions, undefined, (s) => s.set('n', 1))).newCookie!
}

async function read(sessions: Sessions<Data>, cookie: string, load?: 'strict'): Promise<number | undefined> {
  return (await open(sessions, new Visit(cookie), load === undefined ? {} : { load })).get('n')
}

async function verbs(action: () => Promise<unknown>): Promise<string[]> {
  return (await hear('holdfast:store', action)).map(({ verb }) => verb)
}

describe('a session that this process knows', () => {
  it('is opened at once, without a store call', async () => {
    const { here } = twoProcesses()
    const cookie = await begin(here.sessions)
    const calls = await verbs(async () => {
      const session = here.sessions.open(new Visit(cookie))
      expect(session).not.toBeInstanceOf(Promise)
      expect(await read(here.sessions, cookie)).toBe(1)
    })
    expect(calls).toEqual([])
  })

  it('is asked for again with `load: strict` and with `cache: false`', async () => {
    const { here } = twoProcesses()
    const cookie = await begin(here.sessions)
    expect(await verbs(() => read(here.sessions, cookie, 'strict'))).toEqual(['load'])
    const plain = twoProcesses({ cache: false })
    const other = await begin(plain.here.sessions)
    expect(await verbs(() => read(plain.here.sessions, other))).toEqual(['load'])
  })

  it('is asked for again when it looks expired, since another process may have used it', async () => {
    const clock = manualClock()
    const { here, there } = twoProcesses({ clock })
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    clock.advance(7 * MINUTE)
    await serve(here.sessions, cookie, (s) => s.get('n'))
    await here.sessions.close()
    clock.advance(7 * MINUTE)
    expect(await read(there.sessions, cookie)).toBe(1)
  })

  it('is asked for once by requests that come together', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    const together = await verbs(() => Promise.all([1, 2, 3].map(() => read(there.sessions, cookie))))
    expect(together).toEqual(['load'])
    const strictly = await verbs(() => Promise.all([1, 2, 3].map(() => read(there.sessions, cookie, 'strict'))))
    expect(strictly).toEqual(['load', 'load', 'load'])
  })

  it('is seen as another process left it, as soon as the feed has told', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.set('n', 2))
    expect(await read(there.sessions, cookie)).toBe(1)
    expect(await read(there.sessions, cookie, 'strict')).toBe(2)
    there.release()
    expect(await read(there.sessions, cookie)).toBe(2)
  })

  it('is refused after a logout elsewhere as soon as the feed has told, at once with `load: strict`', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.logout())
    expect(await read(there.sessions, cookie, 'strict')).toBeUndefined()
    there.release()
    expect(await read(there.sessions, cookie)).toBeUndefined()
  })

  it('is asked for again while the feed is in doubt, and known again afterwards', async () => {
    const { here } = twoProcesses()
    const cookie = await begin(here.sessions)
    const states = await hear('holdfast:cache', async () => {
      here.line.isHealthy = false
      here.line.tell({ type: 'state', state: 'suspect' })
      expect(await verbs(() => read(here.sessions, cookie))).toEqual(['load'])
      expect(await verbs(() => read(here.sessions, cookie))).toEqual(['load'])
      here.line.isHealthy = true
      here.line.tell({ type: 'state', state: 'coherent' })
    })
    expect(states).toEqual(['suspect', 'coherent'].map((state) => ({ store: 'memory', state })))
    expect(await verbs(() => read(here.sessions, cookie))).toEqual(['load'])
    expect(await verbs(() => read(here.sessions, cookie))).toEqual([])
  })
})

describe('a change on top of a copy that lags', () => {
  it('is merged with what the other process wrote', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.increment('n', 10))
    await serve(there.sessions, cookie, (s) => (s.increment('n', 100), s.set('m', 5)))
    expect(await read(here.sessions, cookie, 'strict')).toBe(111)
  })

  it('of a field to the value that the copy shows is saved all the same', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.set('n', 2))
    await serve(there.sessions, cookie, (s) => s.set('n', 1))
    expect(await read(here.sessions, cookie, 'strict')).toBe(1)
  })

  it('that is none is confirmed by a load, and refused when the session has ended', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    expect(await verbs(() => serve(here.sessions, cookie, (s) => s.set('n', 1)))).toEqual(['load'])
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.destroy())
    expect(await codeOf(() => serve(there.sessions, cookie, (s) => s.set('n', 1)))).toBe('ERR_GONE')
    expect(await codeOf(() => serve(there.sessions, cookie, (s) => s.set('n', 7)))).toBe('ERR_GONE')
  })
})

describe('within one process', () => {
  it('what it changed, renewed or ended itself is known before the feed tells', async () => {
    const { here } = twoProcesses()
    here.line.isHeld = true
    const cookie = await begin(here.sessions)
    await serve(here.sessions, cookie, (s) => s.set('n', 2))
    expect(await verbs(async () => expect(await read(here.sessions, cookie)).toBe(2))).toEqual([])
    const renewed = (await serve(here.sessions, cookie, (s) => s.renew())).newCookie!
    expect(await read(here.sessions, cookie)).toBeUndefined()
    expect(await read(here.sessions, renewed)).toBe(2)
    await serve(here.sessions, renewed, (s) => s.logout())
    expect(await read(here.sessions, renewed)).toBeUndefined()
  })

  it('a load that a commit overtakes never brings the old record back', async () => {
    let answer = (): void => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    let isHeld = false
    const store = interfered({
      load: async (run) => {
        const result = await run()
        if (isHeld) await held
        return result
      },
    })
    const sessions = createSessions<Data>({ store, storeDeadline: '30s' })
    const cookie = await begin(sessions)
    isHeld = true
    const slow = read(sessions, cookie, 'strict')
    isHeld = false
    await serve(sessions, cookie, (s) => s.logout())
    answer()
    expect(await slow).toBe(1)
    expect(await read(sessions, cookie)).toBeUndefined()
  })

  it('a strict route under an eager middleware asks the store again, and keeps what was recorded', async () => {
    const { here, there } = twoProcesses()
    const cookie = await begin(here.sessions)
    await read(there.sessions, cookie)
    there.line.isHeld = true
    await serve(here.sessions, cookie, (s) => s.set('n', 2))
    const visit = new Visit(cookie)
    const session = await open(there.sessions, visit)
    session.set('m', 3)
    expect(session.get('n')).toBe(1)
    expect(await open(there.sessions, visit, { load: 'strict' })).toBe(session)
    expect([session.get('n'), session.get('m')]).toEqual([2, 3])
  })

  it('a commit whose outcome is unknown leaves no copy behind', async () => {
    let count = 0
    const store = interfered({
      update: async (run) => {
        await run()
        if (count++ < 2) throw new Error('connection reset')
        return run()
      },
    })
    const { sessions, line } = process(store, {})
    const cookie = await begin(sessions)
    line.isHeld = true
    expect(await codeOf(() => serve(sessions, cookie, (s) => s.set('n', 2)))).toBe('ERR_STORE_FAILED')
    expect(await read(sessions, cookie)).toBe(2)
  })
})
