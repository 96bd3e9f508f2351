import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RedisClock } from './redis-clock.ts'

const START = Date.UTC(2030, 0, 1)

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('runs on the wall clock before the first measurement, and never back', () => {
  const clock = new RedisClock(() => new Promise(() => {}))
  expect(clock.now()).toBe(START)
  vi.setSystemTime(START - 60_000)
  vi.advanceTimersByTime(1_000)
  expect(clock.now()).toBe(START + 1_000)
})

it('runs on Redis time afterwards, whatever the wall clock does', async () => {
  const clock = new RedisClock(async () => {
    vi.advanceTimersByTime(10)
    return START + 90_005
  })
  expect(await clock.measure()).toBe(-90_000)
  expect(clock.now()).toBe(START + 90_010)
  vi.setSystemTime(START + 3_600_000)
  expect(clock.now()).toBe(START + 90_010)
  vi.advanceTimersByTime(500)
  expect(clock.now()).toBe(START + 90_510)
})

it('measures at the first use and again after a minute, and does not mind failure', async () => {
  const ask = vi.fn(() => Promise.reject(new Error('away')))
  const clock = new RedisClock(ask)
  clock.now()
  clock.now()
  expect(ask).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(61_000)
  clock.now()
  expect(ask).toHaveBeenCalledTimes(2)
  await expect(clock.measure()).rejects.toThrow('away')
})
