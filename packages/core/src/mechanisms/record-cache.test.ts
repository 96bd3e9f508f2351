import { describe, expect, it } from 'vitest'

import type { ChangeFeed } from '../contracts/store.ts'
import { NO_FIELDS } from './body.ts'
import type { OpenRecord } from './live.ts'
import { COPY_BYTES, createRecordCache } from './record-cache.ts'
import { SharedValues } from './shared-values.ts'

const KEY = 'k'.repeat(22)

/** A cache over a feed whose health, and a clock whose time, the test decides. */
function setUp({ feeds = 'all', copies = 10 }: { feeds?: ChangeFeed['feeds']; copies?: number } = {}) {
  const world = { isHealthy: true, time: 0 }
  const feed = { name: 'test', feeds, subscribe: () => () => {}, isFeedHealthy: () => world.isHealthy }
  const limits = { maxBytes: copies * COPY_BYTES, maxAge: 5000 }
  const cache = createRecordCache<string>(feed, limits, () => world.time)
  const keep = (key: string, revision: number): void => cache.begin(key).keep(opened(revision))
  const revisionOf = (key: string): number | undefined => cache.find(key)?.record.revision
  return { world, cache, keep, revisionOf }
}

function opened(revision: number): OpenRecord {
  const record = { revision, body: new Uint8Array() } as OpenRecord['record']
  return { record, idleUntil: 0, head: {}, fields: NO_FIELDS, values: new SharedValues() }
}

describe('a copy', () => {
  it('is shown until its greatest age, counted from when it was asked for', () => {
    const { cache, world, revisionOf } = setUp()
    const passage = cache.begin(KEY)
    world.time = 4000
    passage.keep(opened(1))
    world.time = 4999
    expect(revisionOf(KEY)).toBe(1)
    world.time = 5000
    expect(revisionOf(KEY)).toBeUndefined()
  })

  it('goes when a newer revision, a renewal or an end is told; not for what it knows already', () => {
    const { cache, keep, revisionOf } = setUp()
    const closing = [
      { type: 'changed', key: KEY, revision: 4 },
      { type: 'renewed', key: KEY, successor: 'other' },
      { type: 'ended', key: KEY, reason: 'logout', id: undefined },
    ] as const
    for (const change of closing) {
      keep(KEY, 3)
      cache.hear({ type: 'changed', key: KEY, revision: 3 })
      cache.hear({ type: 'ended', key: 'another', reason: 'logout', id: undefined })
      expect(revisionOf(KEY)).toBe(3)
      cache.hear(change)
      expect(revisionOf(KEY)).toBeUndefined()
    }
  })

  it.each(['suspect', 'detached', 'coherent'] as const)('goes when the feed says that it is %s', (state) => {
    const { cache, keep, revisionOf } = setUp()
    keep(KEY, 1)
    cache.hear({ type: 'state', state })
    expect(revisionOf(KEY)).toBeUndefined()
  })

  it('is not shown while the feed is not healthy, nor afterwards', () => {
    const { world, keep, revisionOf } = setUp()
    keep(KEY, 1)
    world.isHealthy = false
    expect(revisionOf(KEY)).toBeUndefined()
    world.isHealthy = true
    expect(revisionOf(KEY)).toBeUndefined()
  })

  it('never replaces a newer one', () => {
    const { keep, revisionOf } = setUp()
    keep(KEY, 3)
    keep(KEY, 2)
    expect(revisionOf(KEY)).toBe(3)
  })

  it('makes room for others when all bytes are taken, the least recently shown first', () => {
    const { keep, revisionOf } = setUp({ copies: 2 })
    keep('a', 1)
    keep('b', 1)
    revisionOf('a')
    keep('c', 1)
    expect(['a', 'b', 'c'].map(revisionOf)).toEqual([1, undefined, 1])
  })
})

describe('what is on its way', () => {
  it.each([
    ['a newer revision', { type: 'changed', key: KEY, revision: 2 }],
    ['an end', { type: 'ended', key: KEY, reason: 'logout', id: undefined }],
    ['a renewal', { type: 'renewed', key: KEY, successor: 'other' }],
    ['a doubt', { type: 'state', state: 'suspect' }],
    ['a new certainty', { type: 'state', state: 'coherent' }],
  ] as const)('is not kept when %s was told meanwhile', (_, change) => {
    const { cache, revisionOf } = setUp()
    const passage = cache.begin(KEY)
    cache.hear(change)
    passage.keep(opened(1))
    expect(revisionOf(KEY)).toBeUndefined()
  })

  it('is kept when only its own revision was told, or another key', () => {
    const { cache, revisionOf } = setUp()
    const passage = cache.begin(KEY)
    cache.hear({ type: 'changed', key: KEY, revision: 1 })
    cache.hear({ type: 'ended', key: 'another', reason: 'logout', id: undefined })
    passage.keep(opened(1))
    expect(revisionOf(KEY)).toBe(1)
  })

  it('is not kept when a commit of this process brought a newer record, or closed the key', () => {
    const { cache, keep, revisionOf } = setUp()
    const overtaken = cache.begin(KEY)
    keep(KEY, 2)
    cache.hear({ type: 'changed', key: KEY, revision: 3 })
    overtaken.keep(opened(1))
    expect(revisionOf(KEY)).toBeUndefined()
    const closed = cache.begin(KEY)
    cache.forget(KEY)
    closed.keep(opened(3))
    expect(revisionOf(KEY)).toBeUndefined()
  })

  it.each(['begins', 'ends'])('is not kept when the feed is not healthy as it %s', (moment) => {
    const { cache, world, revisionOf } = setUp()
    world.isHealthy = moment !== 'begins'
    const passage = cache.begin(KEY)
    world.isHealthy = moment === 'begins'
    passage.keep(opened(1))
    world.isHealthy = true
    expect(revisionOf(KEY)).toBeUndefined()
  })
})

describe('a load under way', () => {
  it('is joined until it is answered', async () => {
    const { cache } = setUp()
    expect(cache.join(KEY)).toBeUndefined()
    const passage = cache.begin(KEY)
    passage.share(Promise.resolve('answer'))
    expect(await cache.join(KEY)).toBe('answer')
    passage.close()
    expect(cache.join(KEY)).toBeUndefined()
  })

  it.each<[string, (parts: ReturnType<typeof setUp>) => void]>([
    ['any word about its key', ({ cache }) => cache.hear({ type: 'changed', key: KEY, revision: 1 })],
    ['an end', ({ cache }) => cache.hear({ type: 'ended', key: KEY, reason: 'logout', id: undefined })],
    ['a commit of this process', ({ keep }) => keep(KEY, 2)],
    ['an end of this process', ({ cache }) => cache.forget(KEY)],
    ['a doubt about the feed', ({ cache }) => cache.hear({ type: 'state', state: 'coherent' })],
    ['a feed that is not healthy', ({ world }) => (world.isHealthy = false)],
  ])('is not joined after %s', (_, interrupt) => {
    const parts = setUp()
    parts.cache.begin(KEY).share(Promise.resolve('old'))
    interrupt(parts)
    expect(parts.cache.join(KEY)).toBeUndefined()
  })

  it('is not joined where the feed tells only of ends', () => {
    const { cache } = setUp({ feeds: 'ends' })
    cache.begin(KEY).share(Promise.resolve('old'))
    expect(cache.join(KEY)).toBeUndefined()
  })
})
