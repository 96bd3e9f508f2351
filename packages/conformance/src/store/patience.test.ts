import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { patience } from './patience.ts'

const NEVER = new AbortController().signal

function block(ms: number): void {
  const startedAt = performance.now()
  while (performance.now() - startedAt < ms);
}

describe('patience', () => {
  it('lasts as long as it is told where the event loop is on time', async () => {
    const loop = monitorEventLoopDelay({ resolution: 1 })
    loop.enable()
    const startedAt = performance.now()
    await patience(100, NEVER)
    const lasted = performance.now() - startedAt
    loop.disable()
    expect(lasted).toBeGreaterThanOrEqual(100)
    expect(lasted).toBeLessThan(150 + (6 * loop.max) / 1e6)
  })

  it('lasts longer by five times what the event loop was late', async () => {
    const startedAt = performance.now()
    const over = patience(20, NEVER)
    block(60)
    await over
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(20 + 5 * 50)
  })

  it('ends with its signal', async () => {
    const given = new AbortController()
    const over = patience(60_000, given.signal)
    given.abort()
    await expect(over).rejects.toMatchObject({ name: 'AbortError' })
  })
})
