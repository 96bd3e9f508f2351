import { afterEach, describe, expect, it, vi } from 'vitest'

import { createRandomPool } from './random-pool.ts'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')

/** Randomness that counts: every byte tells the draw it came from. */
function setUp() {
  let draws = 0
  const pool = createRandomPool((size) => new Uint8Array(size).fill(++draws))
  const drawOf = (size: number): number => bytesOf(pool(size))[0]!
  return { pool, drawOf }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a pool of random bytes', () => {
  it('hands out every byte once, and draws for many calls at once', () => {
    let next = 0
    const pool = createRandomPool((size) => Uint8Array.from({ length: size }, () => next++ % 251))
    const handed = Array.from({ length: 400 }, () => [...bytesOf(pool(8))]).flat()
    expect(handed).toEqual(Array.from({ length: 3200 }, (_, index) => index % 251))
    expect(next).toBe(4096)
  })

  it('draws anew when too few are left', () => {
    const { pool, drawOf } = setUp()
    pool(4090)
    expect(drawOf(12)).toBe(2)
  })

  it.each([
    ['a second later', () => vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1001)],
    ['when the clock was set back', () => vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 10_000)],
    ['in a copy of the process', () => vi.spyOn(process, 'pid', 'get').mockReturnValue(process.pid + 1)],
  ])('draws anew %s', (_, change) => {
    const { drawOf } = setUp()
    expect([drawOf(8), drawOf(8)]).toEqual([1, 1])
    change()
    expect(drawOf(8)).toBe(2)
  })
})
