import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { OfferedRecord } from '../../contracts/record.ts'
import type { StoreChange } from '../../contracts/store.ts'
import { ENTRY_BYTES } from './entry.ts'
import { memoryStore, type MemoryStoreOptions } from './memory-store.ts'

const START = Date.UTC(2030, 0, 1)
const HOUR = 3_600_000
const signal = new AbortController().signal

/** A store on a clock of its own, with records named by short words. */
function setUp(options: MemoryStoreOptions = {}) {
  let time = START
  let commits = 0
  const clock = { now: () => time }
  const store = memoryStore({ clock, ...options })
  const changes: StoreChange[] = []
  store.subscribe((change) => {
    if (change.type !== 'state') changes.push(change)
  })

  function record(key: string, overrides: Partial<OfferedRecord> = {}): OfferedRecord {
    const now = store.clock.now()
    commits += 1
    return {
      format: 1,
      key,
      id: `id of ${key}`,
      revision: 1,
      commits: [`commit ${commits}`],
      createdAt: now,
      absoluteAt: now + 8 * HOUR,
      idleTimeout: HOUR,
      idleUntil: now + HOUR,
      persistent: false,
      subject: undefined,
      authenticatedAt: undefined,
      body: new Uint8Array(0),
      ...overrides,
    }
  }

  function write(): { signal: AbortSignal; commitId: string } {
    commits += 1
    return { signal, commitId: `commit ${commits}` }
  }

  return {
    store,
    changes,
    record,
    write,
    advance: (ms: number) => void (time += ms),
    create: (key: string, overrides?: Partial<OfferedRecord>) => store.create(record(key, overrides), write()),
    outcome: async (key: string) => (await store.load(key, { signal })).outcome,
    end: (key: string) => store.end(key, { reason: 'logout', at: time, id: undefined, commitId: 'end' }, write()),
    renew(key: string, successor: string) {
      const alias = { successor, at: time, graceUntil: time, commitId: 'renewal' }
      return store.renew({ key, expected: 1, record: record(successor, { revision: 2 }), alias }, write())
    },
    evicted: () =>
      changes.flatMap((change) => (change.type === 'ended' && change.reason === 'evicted' ? [change.key] : [])),
  }
}

describe('memoryStore: bounds', () => {
  it('holds as many entries as it may without evicting', async () => {
    const { create, evicted } = setUp({ maxRecords: 3 })
    for (const key of ['a', 'b', 'c']) await create(key)
    expect(evicted()).toEqual([])
  })

  it('evicts records past their end first, and does not tell of them', async () => {
    const { create, advance, outcome, evicted } = setUp({ maxRecords: 3 })
    await create('lives', { idleTimeout: 3 * HOUR, idleUntil: START + 3 * HOUR })
    await create('over', { subject: 'user' })
    await create('over too')
    advance(HOUR)
    expect(await outcome('over')).toBe('found')
    await create('new')
    await create('newer')
    expect(await outcome('over')).toBe('absent')
    expect(await outcome('over too')).toBe('absent')
    expect(await outcome('lives')).toBe('found')
    expect(evicted()).toEqual([])
  })

  it('evicts records past their end before tombstones and aliases, the oldest of which go next', async () => {
    const { create, end, renew, advance, outcome, evicted } = setUp({ maxRecords: 5 })
    const long = { idleTimeout: 9 * HOUR, idleUntil: START + 8 * HOUR }
    await create('over')
    advance(HOUR)
    await create('ended', long)
    await end('ended')
    await create('renewed', long)
    await renew('renewed', 'successor')
    await create('fourth')
    await create('fifth')
    expect(await outcome('over')).toBe('absent')
    expect(await outcome('ended')).toBe('ended')
    await create('sixth')
    expect(await outcome('ended')).toBe('absent')
    expect(await outcome('renewed')).toBe('moved')
    await create('seventh')
    expect(await outcome('renewed')).toBe('absent')
    expect(evicted()).toEqual([])
    await create('eighth')
    expect(evicted()).toEqual(['successor'])
  })

  it('evicts anonymous records before signed-in ones, each by least recent use', async () => {
    const { create, evicted } = setUp({ maxRecords: 4 })
    await create('old user', { subject: 'user' })
    await create('old guest')
    await create('new user', { subject: 'user' })
    await create('new guest')
    for (const key of ['e', 'f', 'g', 'h']) await create(key, { subject: 'user' })
    expect(evicted()).toEqual(['old guest', 'new guest', 'old user', 'new user'])
  })

  it('tells key and public name of what it evicts', async () => {
    const { create, changes } = setUp({ maxRecords: 1 })
    await create('a')
    await create('b')
    expect(changes).toContainEqual({ type: 'ended', reason: 'evicted', key: 'a', id: 'id of a' })
  })

  it('takes load, update and touch for use', async () => {
    const { store, create, record, write, evicted } = setUp({ maxRecords: 4 })
    for (const key of ['loaded', 'updated', 'touched', 'idle']) await create(key)
    await store.load('loaded', { signal })
    await store.update(record('updated', { revision: 2 }), 1, write())
    await store.touch([{ key: 'touched', idleUntil: START + HOUR + 1 }], { signal })
    for (const key of ['e', 'f', 'g', 'h']) await create(key)
    expect(evicted()).toEqual(['idle', 'loaded', 'updated', 'touched'])
  })

  it('counts a record that signs in among the signed-in ones', async () => {
    const { store, create, record, write, evicted } = setUp({ maxRecords: 2 })
    await create('signs in')
    await create('guest')
    await store.update(record('signs in', { revision: 2, subject: 'user' }), 1, write())
    await create('next')
    expect(evicted()).toEqual(['guest'])
  })

  it('never evicts what was just written, so that what it acknowledged is there', async () => {
    const { create, outcome, evicted } = setUp({ maxRecords: 1 })
    await create('user', { subject: 'user' })
    expect((await create('guest')).outcome).toBe('created')
    expect(await outcome('guest')).toBe('found')
    expect(evicted()).toEqual(['user'])
  })

  it('keeps the tombstone that was just laid', async () => {
    const { create, end, outcome } = setUp({ maxRecords: 1 })
    await create('user', { subject: 'user' })
    expect((await end('unknown')).outcome).toBe('absent')
    expect(await outcome('unknown')).toBe('ended')
  })

  it('evicts until the bytes fit, counting 1024 for an entry besides its body', async () => {
    const { create, evicted } = setUp({ maxBytes: 4 * (ENTRY_BYTES + 100) })
    for (const key of ['a', 'b', 'c', 'd']) await create(key, { body: new Uint8Array(100) })
    expect(evicted()).toEqual([])
    await create('large', { body: new Uint8Array(ENTRY_BYTES) })
    expect(evicted()).toEqual(['a', 'b'])
  })

  it('evicts others when an update or a renewal grows a record', async () => {
    const { store, create, record, renew, write, outcome, evicted } = setUp({ maxBytes: 3 * ENTRY_BYTES })
    for (const key of ['a', 'b', 'c']) await create(key)
    await store.update(record('c', { revision: 2, body: new Uint8Array(1) }), 1, write())
    expect(evicted()).toEqual(['a'])
    await renew('b', 'successor')
    expect(evicted()).toEqual(['a', 'c'])
    expect([await outcome('b'), await outcome('successor')]).toEqual(['moved', 'found'])
  })

  it('refuses a record that can never fit, and changes nothing', async () => {
    const { store, create, record, write, outcome, evicted } = setUp({ maxBytes: 2 * ENTRY_BYTES })
    await create('a')
    const body = new Uint8Array(ENTRY_BYTES + 1)
    await expect(create('b', { body })).rejects.toThrow(/can never fit into the `maxBytes`/)
    await expect(store.update(record('a', { revision: 2, body }), 1, write())).rejects.toThrow(RangeError)
    expect(await store.load('a', { signal })).toMatchObject({ record: { revision: 1 } })
    expect(await outcome('b')).toBe('absent')
    expect(evicted()).toEqual([])
  })

  it('reckons right after any number of changes: what has gone takes no room', async () => {
    const { store, create, record, renew, end, write, advance, evicted } = setUp({ maxBytes: 1000 * ENTRY_BYTES })
    for (let round = 0; round < 200; round += 1) {
      await create(`${round}`, { body: new Uint8Array(round), subject: round % 2 === 0 ? 'user' : undefined })
      await store.update(record(`${round}`, { body: new Uint8Array(500 - round) }), 1, write())
      if (round % 3 === 0) await renew(`${round}`, `successor ${round}`)
      if (round % 4 === 0) await end(`${round}`)
    }
    advance(HOUR + 60_000)
    expect(await store.sweep({ signal })).toBeGreaterThan(0)
    expect(await store.sweep({ signal })).toBe(0)
    for (let count = 0; count < 1000; count += 1) await create(`full ${count}`)
    expect(evicted()).toEqual([])
    await create('one too many')
    expect(evicted()).toEqual(['full 0'])
  })

  it('makes room by each write for what is due, without a sweep', async () => {
    const { create, advance, store } = setUp()
    for (const key of ['a', 'b', 'c']) await create(key)
    advance(HOUR + 60_000)
    await create('d')
    expect(await store.sweep({ signal })).toBe(0)
  })

  it('removes in time a record whose idle length was shortened', async () => {
    const { store, create, record, write, advance } = setUp()
    await create('a')
    await store.update(record('a', { revision: 2, idleTimeout: 1_000, idleUntil: START + 1_000 }), 1, write())
    advance(61_000)
    expect(await store.sweep({ signal })).toBe(1)
  })

  it('spreads the removal of very many over several writes, none of which takes long', async () => {
    const { create, advance, store } = setUp()
    for (let count = 0; count < 2_500; count += 1) await create(`${count}`)
    advance(HOUR + 60_000)
    await create('first')
    await create('second')
    expect(await store.sweep({ signal })).toBe(500)
  })

  it('lists no evicted session', async () => {
    const { store, create } = setUp({ maxRecords: 1 })
    await create('a', { subject: 'user' })
    await create('b', { subject: 'user' })
    const { sessions } = await store.listSubject('user', { limit: 10 }, { signal })
    expect(sessions.map(({ key }) => key)).toEqual(['b'])
  })
})

describe('memoryStore: answers', () => {
  it('shares no bytes with who gave or got a body, of the same length or another', async () => {
    const { store, record, create, write } = setUp()
    await create('key', { body: Uint8Array.of(1, 1) })
    let before = Uint8Array.of(1, 1)
    for (const [index, body] of [Uint8Array.of(2, 2), Uint8Array.of(3, 3, 3), Uint8Array.of(4, 4, 4)].entries()) {
      const answer = await store.load('key', { signal })
      const given = body.slice()
      await store.update(record('key', { revision: index + 2, body: given }), index + 1, write())
      given.fill(9)
      expect(answer).toMatchObject({ record: { body: before } })
      expect(await store.load('key', { signal })).toMatchObject({ record: { body } })
      before = body
    }
  })

  it('freezes the records it answers', async () => {
    const { store, create } = setUp()
    await create('a')
    const answer = await store.load('a', { signal })
    expect(answer.outcome === 'found' && Object.isFrozen(answer.record) && Object.isFrozen(answer.record.commits)).toBe(
      true,
    )
  })

  it('rejects every verb whose signal has fired, and changes nothing', async () => {
    const { store, create, record, end, advance } = setUp()
    await create('a')
    await create('over', { idleTimeout: 1, idleUntil: START + 1 })
    advance(60_001)
    const aborted = { signal: AbortSignal.abort(new Error('too late')), commitId: 'never' }
    const alias = { successor: 'c', at: START, graceUntil: START, commitId: 'never' }
    const tombstone = { reason: 'logout', at: START, id: undefined, commitId: 'never' } as const
    for (const call of [
      () => store.load('a', aborted),
      () => store.create(record('b'), aborted),
      () => store.update(record('a', { revision: 2 }), 1, aborted),
      () => store.touch([{ key: 'a', idleUntil: START + 2 * HOUR }], aborted),
      () => store.renew({ key: 'a', expected: 1, record: record('c'), alias }, aborted),
      () => store.end('a', tombstone, aborted),
      () => store.listSubject('user', { limit: 1 }, aborted),
      () => store.sweep(aborted),
      () => store.ping(aborted),
    ]) {
      await expect(call()).rejects.toThrow('too late')
    }
    expect(await store.load('a', { signal })).toMatchObject({ record: { revision: 1 }, idleUntil: START + HOUR })
    expect(await store.load('b', { signal })).toMatchObject({ outcome: 'absent' })
    expect(await store.sweep({ signal })).toBe(1)
    expect((await end('a')).outcome).toBe('ended')
  })

  it('tells a change to its listeners before the verb resolves', async () => {
    const { store, changes, record, write } = setUp()
    const created = store.create(record('a'), write())
    expect(changes).toEqual([{ type: 'changed', key: 'a', revision: 1 }])
    await created
  })
})

describe('memoryStore: chains of aliases', () => {
  it('ends a session after thousands of renewals by its first key', async () => {
    const { store, create, record, write, end, outcome } = setUp()
    await create('0')
    for (let revision = 1; revision <= 20_000; revision += 1) {
      const [key, successor] = [`${revision - 1}`, `${revision}`]
      const alias = { successor, at: START, graceUntil: START, commitId: successor }
      await store.renew(
        { key, expected: revision, record: record(successor, { revision: revision + 1 }), alias },
        write(),
      )
    }
    expect((await end('0')).outcome).toBe('ended')
    expect([await outcome('20000'), await outcome('10000'), await outcome('0')]).toEqual(['ended', 'ended', 'ended'])
  })

  it('does not follow for ever an alias that leads back to itself', async () => {
    const { store, create, record, write, end, outcome } = setUp()
    await create('a')
    const alias = { successor: 'a', at: START, graceUntil: START, commitId: 'loop' }
    await store.renew({ key: 'a', expected: 1, record: record('b', { revision: 2 }), alias }, write())
    expect(await outcome('a')).toBe('moved')
    expect((await end('a')).outcome).toBe('absent')
    expect(await outcome('a')).toBe('ended')
  })
})

describe('memoryStore: clock', () => {
  afterEach(() => void vi.useRealTimers())

  it('lives by the engine clock when it is given none: a step forward ends, a step back prolongs nothing', async () => {
    vi.useFakeTimers({ now: START, toFake: ['Date', 'performance'] })
    const { store, create, record, write } = setUp({ clock: undefined })
    expect(store.clock.now()).toBe(START)
    await create('a')
    vi.setSystemTime(START - HOUR)
    vi.advanceTimersByTime(HOUR - 1)
    expect((await store.update(record('a', { revision: 2, idleUntil: 0 }), 1, write())).outcome).toBe('updated')
    vi.advanceTimersByTime(1)
    expect((await store.update(record('a', { revision: 3 }), 2, write())).outcome).toBe('absent')
    await create('b')
    vi.setSystemTime(START + 3 * HOUR)
    expect((await store.update(record('b', { revision: 2 }), 1, write())).outcome).toBe('absent')
  })

  it('shows the clock it was given', () => {
    const clock = { now: () => START }
    expect(memoryStore({ clock }).clock).toBe(clock)
  })
})

describe('memoryStore: process', () => {
  it('keeps no process alive', () => {
    const { status, stdout } = run(`
      const now = store.clock.now()
      const record = { format: 1, key: 'k', id: 'i', revision: 1, commits: ['c'], createdAt: now, absoluteAt: now + 9e6,
        idleTimeout: 8e6, idleUntil: now + 8e6, persistent: false, body: new Uint8Array(1) }
      console.log((await store.create(record, { signal, commitId: 'c' })).outcome)
    `)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'created\n' })
  })

  it('acknowledges a write although a listener throws, and lets the error be heard', () => {
    const { status, stdout } = run(`
      process.on('uncaughtException', (error) => console.log('heard', error.message))
      store.subscribe(() => { throw new Error('faulty') })
      const tombstone = { reason: 'logout', at: 0, id: undefined, commitId: 'c' }
      console.log((await store.end('k', tombstone, { signal, commitId: 'c' })).outcome)
    `)
    expect(status).toBe(0)
    expect(stdout.split('\n').toSorted()).toEqual(['', 'absent', 'heard faulty'])
  })
})

/** Runs a few lines with a store in a process of their own, and fails if that does not end by itself. */
function run(lines: string): { status: number | null; stdout: string } {
  const path = new URL('memory-store.ts', import.meta.url).href
  const setting = `import { memoryStore } from '${path}'
    const store = memoryStore()
    const { signal } = new AbortController()`
  const input = `${setting}\n${lines}`
  const options = { input, encoding: 'utf8', timeout: 15_000 } as const
  return spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-'], options)
}

describe('memoryStore: options', () => {
  it('refuses what cannot work, with all problems at once', () => {
    const options = { maxRecords: 0, maxBytes: 1.5, clock: {}, maxAge: 5 }
    const problems = thrown(() => memoryStore(options as unknown as MemoryStoreOptions))
    expect(problems).toMatchObject({
      code: 'ERR_OPTIONS',
      problems: [{ path: 'maxAge' }, { path: 'maxRecords' }, { path: 'maxBytes' }, { path: 'clock' }],
    })
  })

  it('refuses bounds below one record, and takes no bound for Infinity', () => {
    expect(thrown(() => memoryStore({ maxBytes: ENTRY_BYTES - 1 }))).toMatchObject({ code: 'ERR_OPTIONS' })
    expect(thrown(() => memoryStore({ maxRecords: Number.NaN }))).toMatchObject({ code: 'ERR_OPTIONS' })
    expect(memoryStore({ maxRecords: 1, maxBytes: ENTRY_BYTES }).name).toBe('memory')
    expect(memoryStore({ maxRecords: Infinity, maxBytes: Infinity }).name).toBe('memory')
  })
})

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
