import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

const SESSIONS = 20_000
const MIB = 2 ** 20

/** Keeps sessions of 350 B of JSON, all fields of each read once, and answers what they take. */
async function measure(maxBytes: number): Promise<{ bytes: number; held: number }> {
  const script = fileURLToPath(new URL('cache-memory.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    script,
    String(SESSIONS),
    String(maxBytes),
  ])
  return JSON.parse(stdout) as { bytes: number; held: number }
}

describe('the local cache takes no more than `cache.maxBytes`', () => {
  it('and holds 20,000 sessions of 350 B in a fifth of 75 MiB', async () => {
    const { bytes, held } = await measure(15 * MIB)
    expect(held).toBe(SESSIONS)
    expect(bytes).toBeLessThan(15 * MIB)
  })

  it('where there is room to keep them all opened', async () => {
    const { bytes, held } = await measure(1000 * MIB)
    expect(held).toBe(SESSIONS)
    // What they are reckoned to take: `COPY_BYTES`, 256 for each of 8 fields, four times a body of about 250 B.
    expect(bytes).toBeLessThan(SESSIONS * (2048 + 8 * 256 + 4 * 250))
  })

  it('where there is room to keep most of them opened', async () => {
    const { bytes, held } = await measure(64 * MIB)
    expect(held).toBe(SESSIONS)
    expect(bytes).toBeLessThan(64 * MIB)
  })

  it('where there is not room for all', async () => {
    const { bytes, held } = await measure(8 * MIB)
    expect(held).toBeGreaterThan(8000)
    expect(bytes).toBeLessThan(8 * MIB)
  })
})
