import { Buffer } from 'node:buffer'
import process from 'node:process'

/** Answers that many random bytes. Throws when the platform has no randomness: then the request fails. */
export type Randomness = (size: number) => Uint8Array

const POOL_BYTES = 4096

/** How long drawn bytes may lie unused, in milliseconds of the wall clock, either way. */
const FRESH = 1000

/**
 * Answers random bytes from a pool as base64url, each of them once: one draw of many costs what one draw of a few does.
 *
 * A process that is copied (a snapshot of the JavaScript heap, a virtual machine that is resumed twice) must not hand out
 * what its twin hands out. So a pool is good for one process id and one second of the wall clock: a copy comes back
 * with another id, or later.
 */
export function createRandomPool(random: Randomness): (size: number) => string {
  let pool: Buffer = Buffer.alloc(0)
  let used = 0
  let filledAt = 0
  let owner = 0
  return (size) => {
    const age = Date.now() - filledAt
    if (used + size > pool.length || age > FRESH || age < 0 || owner !== process.pid) {
      pool = asBuffer(random(POOL_BYTES))
      used = 0
      filledAt = Date.now()
      owner = process.pid
    }
    used += size
    return pool.toString('base64url', used - size, used)
  }
}

/** Answers the same bytes as a Buffer. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
