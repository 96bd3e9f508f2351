import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createDeadlines } from './deadlines.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function waiting() {
  return { expire: vi.fn<() => void>(), previous: undefined, next: undefined }
}

describe('deadlines', () => {
  it('let everybody wait as long as was agreed, and a moment longer at most', () => {
    const deadlines = createDeadlines(250)
    const [first, second] = [waiting(), waiting()]
    deadlines.join(first)
    vi.advanceTimersByTime(4)
    deadlines.join(second)
    vi.advanceTimersByTime(249)
    expect([first.expire, second.expire].map((each) => each.mock.calls.length)).toEqual([0, 0])
    vi.advanceTimersByTime(3)
    expect([first.expire, second.expire].map((each) => each.mock.calls.length)).toEqual([1, 1])
  })

  it('share a signal within a moment, and no longer', () => {
    const deadlines = createDeadlines(250)
    const { signal } = deadlines.join(waiting())
    vi.advanceTimersByTime(4)
    expect(deadlines.join(waiting()).signal).toBe(signal)
    vi.advanceTimersByTime(1)
    expect(deadlines.join(waiting()).signal).not.toBe(signal)
  })

  it('tell nobody who has left, and abort only for those who wait', () => {
    const deadlines = createDeadlines(250)
    const [gone, stays] = [waiting(), waiting()]
    const deadline = deadlines.join(gone)
    deadlines.join(stays)
    deadline.leave(gone)
    vi.advanceTimersByTime(300)
    expect([gone.expire.mock.calls.length, stays.expire.mock.calls.length]).toEqual([0, 1])
    expect(deadline.signal.aborted).toBe(true)
  })

  it('that a busy process notices late give what was asked before it a little more', () => {
    let now = 0
    const deadlines = createDeadlines(250, () => now)
    const [served, lost] = [waiting(), waiting()]
    const deadline = deadlines.join(served)
    deadlines.join(lost)
    // The clock goes on while no timer fires.
    now = 400
    vi.advanceTimersByTime(255)
    expect([served.expire, lost.expire].map((each) => each.mock.calls.length)).toEqual([0, 0])
    vi.advanceTimersByTime(19)
    deadline.leave(served)
    expect(lost.expire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2)
    expect([served.expire, lost.expire].map((each) => each.mock.calls.length)).toEqual([0, 1])
  })

  it('do not abort a signal that nobody waits for', () => {
    const deadlines = createDeadlines(250)
    const gone = waiting()
    const deadline = deadlines.join(gone)
    deadline.leave(gone)
    vi.advanceTimersByTime(300)
    expect(deadline.signal.aborted).toBe(false)
  })
})
