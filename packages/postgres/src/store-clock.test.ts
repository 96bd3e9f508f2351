import { describe, expect, it } from 'vitest'
import { StoreClock } from './store-clock.ts'

/** A machine whose clocks a test sets. */
function machine() {
  const time = { wall: 5_000_000, monotonic: 1_000 }
  const clock = new StoreClock({ wall: () => time.wall, monotonic: () => time.monotonic })
  return { time, clock }
}

describe('the clock of the store', () => {
  it('believes this machine until the database has spoken', () => {
    const { clock } = machine()
    expect(clock.now()).toBe(5_000_000)
  })

  it('tells the time of the database, whatever this machine believes', () => {
    const { time, clock } = machine()
    clock.learn(9_000_000, 999, 1_001)
    expect(Math.abs(clock.now() - 9_000_000)).toBeLessThanOrEqual(2)
    time.wall -= 3_600_000
    time.monotonic += 500
    expect(Math.abs(clock.now() - 9_000_500)).toBeLessThanOrEqual(2)
  })

  it('grows exact with quick answers, and slow ones do no harm', () => {
    const { time, clock } = machine()
    clock.learn(9_000_000, 0, 1_000) // read at once, answered a second later: it is 9,001,000 now
    time.monotonic = 2_000
    clock.learn(9_002_000, 1_999, 2_000)
    expect(Math.abs(clock.now() - 9_002_000)).toBeLessThanOrEqual(2)
    clock.learn(9_001_500, 1_000, 2_000)
    expect(Math.abs(clock.now() - 9_002_000)).toBeLessThanOrEqual(2)
  })

  it('never runs backwards over a better measurement', () => {
    const { time, clock } = machine()
    clock.learn(9_000_000, 0, 1_000)
    const before = clock.now()
    clock.learn(9_000_000, 999, 1_000)
    expect(clock.now()).toBeGreaterThanOrEqual(before)
    time.monotonic += 2_000
    expect(Math.abs(clock.now() - 9_002_000)).toBeLessThanOrEqual(2)
  })

  it('follows a new server whose clock is an hour behind', () => {
    const { clock } = machine()
    clock.learn(9_000_000, 999, 1_000)
    clock.now()
    clock.learn(9_000_000 - 3_600_000, 999, 1_000)
    expect(Math.abs(clock.now() - (9_000_000 - 3_600_000))).toBeLessThanOrEqual(2)
  })
})
