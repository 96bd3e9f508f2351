import { afterEach, describe, expect, it, vi } from 'vitest'
import { engineClock } from './engine-clock.ts'

const HOUR = 3_600_000
const START = Date.UTC(2030, 0, 1)

/** A machine whose wall clock can be stepped while real time goes on. */
function machine() {
  let step = 0
  let elapsed = 0
  return {
    source: { wall: () => START + elapsed + step, monotonic: () => 5 + elapsed },
    pass: (ms: number) => void (elapsed += ms),
    step: (ms: number) => void (step += ms),
  }
}

describe('engineClock', () => {
  afterEach(() => void vi.useRealTimers())

  it('tells wall time while nothing happens to it', () => {
    const { source, pass } = machine()
    const clock = engineClock(source)
    expect(clock.now()).toBe(START)
    pass(1_234)
    expect(clock.now()).toBe(START + 1_234)
  })

  it('follows a step of an hour forward at once', () => {
    const { source, pass, step } = machine()
    const clock = engineClock(source)
    clock.now()
    step(HOUR)
    expect(clock.now()).toBe(START + HOUR)
    pass(10)
    expect(clock.now()).toBe(START + HOUR + 10)
  })

  it('goes on as if nothing had happened after a step of an hour back', () => {
    const { source, pass, step } = machine()
    const clock = engineClock(source)
    clock.now()
    step(-HOUR)
    expect(clock.now()).toBe(START)
    pass(10)
    expect(clock.now()).toBe(START + 10)
  })

  it('keeps the hour of a step forward that is taken back, so that no end which was seen is undone', () => {
    const { source, pass, step } = machine()
    const clock = engineClock(source)
    step(HOUR)
    expect(clock.now()).toBe(START + HOUR)
    step(-HOUR)
    pass(10)
    expect(clock.now()).toBe(START + HOUR + 10)
  })

  it('begins at the wall time of its first reading, whatever was stepped before', () => {
    const { source, step } = machine()
    const clock = engineClock(source)
    step(-HOUR)
    expect(clock.now()).toBe(START - HOUR)
  })

  it('answers whole milliseconds, though the platform tells parts of them', () => {
    let elapsed = 0.7
    const clock = engineClock({ wall: () => START, monotonic: () => elapsed })
    expect(clock.now()).toBe(START)
    elapsed = 2.1
    expect(clock.now()).toBe(START + 1)
  })

  it('reads the clocks of the platform when it is asked, not when it is made', () => {
    const clock = engineClock()
    vi.useFakeTimers({ now: START, toFake: ['Date'] })
    const before = clock.now()
    expect(before).toBeGreaterThanOrEqual(START)
    vi.setSystemTime(START + HOUR)
    expect(clock.now() - before).toBeGreaterThanOrEqual(HOUR)
    vi.setSystemTime(START)
    expect(clock.now() - before).toBeGreaterThanOrEqual(HOUR)
  })
})
