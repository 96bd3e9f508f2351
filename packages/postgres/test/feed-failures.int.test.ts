import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PostgresStore } from '../src/index.ts'
import { ear, isHealthy, until } from './testing/ear.ts'
import { type Hamper, hamperedFeed, type HamperedFeed } from './testing/hampered-feed.ts'
import { movableClock, type MovableClock } from './testing/movable-clock.ts'
import { call, endedIn } from './testing/sessions.ts'
import { createStage, SCHEMA, type Stage, TABLE } from './testing/stage.ts'

/** Half of the minute for which ended sessions leave something, in milliseconds. */
const LONGEST_GAP = 30_000

let stage: Stage
let writer: PostgresStore
let clock: MovableClock

beforeAll(async () => {
  stage = await createStage()
  writer = stage.store({ feed: false })
  clock = await movableClock(stage.admin, TABLE, SCHEMA)
})
afterAll(() => stage.close())

const refused: Hamper = () => () => Promise.reject(new Error('refused'))

const hanging: Hamper = () => (_statement, _values, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** The database answers, whether anybody hears it or not. */
const unheard: Hamper = (look) => async (statement, values, signal) => {
  await look(statement, values, call().signal)
  return hanging(look)(statement, values, signal)
}

const misdirected: Hamper = () => async () => [{ answer: 'to another question' }]

function slow(ms: number): Hamper {
  return (look) => async (statement, values, signal) => {
    const rows = await look(statement, values, signal)
    await delay(ms, undefined, { signal })
    return rows
  }
}

/** Answers as a database would in which as many transactions more had begun. */
function ahead(transactions: bigint): Hamper {
  return (look) => async (statement, values, signal) => {
    const [row = {}] = await look(statement, values, signal)
    const xmax = BigInt(String(row['snapshot']).split(':')[1] ?? 0) + transactions
    return [{ ...row, snapshot: `${xmax}:${xmax}:` }]
  }
}

describe('the feed by poll, after looks that failed', () => {
  it.each([
    ['were refused', refused],
    ['hung', hanging],
    ['ran, but were not heard', unheard],
    ['were answered with something else', misdirected],
  ])('tells what was laid while looks %s, once, with the first that succeeds', async (_, hamper) => {
    const feed = hamperedFeed(stage.pool())
    const heard = ear(feed)
    await until(() => isHealthy(feed))
    const before = await endedIn(writer)
    await until(() => heard.knows(before))
    await feed.hamper(hamper)
    const first = await endedIn(writer)
    await until(() => heard.states().includes('detached'))
    expect(isHealthy(feed)).toBe(false)
    const second = await endedIn(writer)
    const times = heard.told.length
    await delay(400)
    expect(heard.told).toHaveLength(times)
    await feed.hamper()
    await until(() => isHealthy(feed))
    expect([first, second].map(heard.count)).toEqual([1, 1])
    const after = await endedIn(writer)
    await until(() => heard.knows(after))
    expect([before, first, second, after].map(heard.count)).toEqual([1, 1, 1, 1])
    await heard.close()
  })

  it('is detached while a look is late, waits for it all the same, and tells what it found once', async () => {
    const feed = hamperedFeed(stage.pool())
    const heard = ear(feed)
    await until(() => isHealthy(feed))
    await feed.hamper(slow(500))
    const key = await endedIn(writer)
    await until(() => heard.knows(key))
    const detachedAt = heard.told.findIndex((each) => each.type === 'state' && each.state === 'detached')
    const toldAt = heard.told.findIndex((each) => each.type === 'ended' && each.key === key)
    expect(detachedAt).toBeGreaterThan(0)
    expect(toldAt).toBeGreaterThan(detachedAt)
    // What was asked half a second ago vouches for nothing.
    expect(heard.states().at(-1)).toBe('detached')
    expect(isHealthy(feed)).toBe(false)
    await feed.hamper()
    await until(() => isHealthy(feed))
    expect(heard.count(key)).toBe(1)
    await heard.close()
  })

  describe.each([
    ['of this process', async (feed: HamperedFeed, ms: number) => feed.advance(ms)],
    ['of the database, by which a sweep goes,', async (_: HamperedFeed, ms: number) => clock.advance(ms, writer)],
  ])('by the clock %s', (_, advance) => {
    it.each([
      ['goes on when the last that succeeded is not long ago', LONGEST_GAP - 10_000, 1],
      ['begins anew when a sweep may have removed what was laid', LONGEST_GAP, 0],
    ])('%s', async (__, ms, count) => {
      const feed = hamperedFeed(stage.pool())
      const heard = ear(feed)
      await until(() => isHealthy(feed))
      await feed.hamper(refused)
      const key = await endedIn(writer)
      await until(() => feed.looks() > 1)
      await advance(feed, ms)
      await feed.hamper()
      await until(() => isHealthy(feed))
      const later = await endedIn(writer)
      await until(() => heard.knows(later))
      expect([key, later].map(heard.count)).toEqual([count, 1])
      expect(heard.states()).toContain('detached')
      await heard.close()
      await clock.reset()
    })
  })

  it('is in doubt when the clock of the database has leapt, though no look failed', async () => {
    const feed = hamperedFeed(stage.pool())
    const heard = ear(feed)
    await until(() => isHealthy(feed))
    await clock.advance(LONGEST_GAP + 1, writer)
    await until(() => heard.states().includes('detached'))
    await until(() => isHealthy(feed))
    await clock.reset()
    const key = await endedIn(writer)
    await until(() => heard.knows(key))
    expect(heard.count(key)).toBe(1)
    await heard.close()
  })

  it('is in doubt when the database was replaced by an older one, and goes on from there', async () => {
    const feed = hamperedFeed(stage.pool())
    const heard = ear(feed)
    await until(() => isHealthy(feed))
    await feed.hamper(ahead(1_000_000n))
    await until(() => feed.looks() > 0)
    await feed.hamper()
    await until(() => heard.states().includes('detached'))
    await until(() => isHealthy(feed))
    const key = await endedIn(writer)
    await until(() => heard.knows(key))
    expect(heard.count(key)).toBe(1)
    await heard.close()
  })

  it('is detached once its last listener has unsubscribed, though that was on being told', async () => {
    const feed = hamperedFeed(stage.pool())
    const told: string[] = []
    const unsubscribe = feed.subscribe((change) => {
      if (change.type !== 'state') unsubscribe()
      told.push(change.type === 'state' ? change.state : change.type)
    })
    await until(() => isHealthy(feed))
    await endedIn(writer)
    await until(() => told.includes('ended'))
    expect(isHealthy(feed)).toBe(false)
    feed.close()
  })
})
