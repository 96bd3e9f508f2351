import { Buffer } from 'node:buffer'
import { hash, randomBytes } from 'node:crypto'

import { type Randomness, createRandomPool } from './random-pool.ts'
import { digestOfToken } from './token-digest.ts'

const TOKEN_BYTES = 24
const ID_BYTES = 12
const COMMIT_ID_BYTES = 8
const KEY_BYTES = 16
const TOKEN = /^[\w-]{32}$/

/** Draws tokens, public ids and commit ids from the platform's CSPRNG. */
export interface Mint {
  token(): string
  id(): string
  commitId(): string
}

/**
 * Makes a {@link Mint}; tests hand in a randomness that repeats itself or fails.
 *
 * A token is drawn by itself. Ids and commit ids, which open nothing, come from a pool.
 */
export function createMint(random: Randomness = randomBytes): Mint {
  const draw = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
  const pool = createRandomPool(random)
  return {
    token: () => draw(random(TOKEN_BYTES)),
    id: () => draw(pool(ID_BYTES)),
    commitId: () => draw(pool(COMMIT_ID_BYTES)),
  }
}

/** Tells whether text has the length and alphabet of a token. Nothing else is ever hashed or looked up. */
export function isToken(text: string): boolean {
  return text.length === 32 && TOKEN.test(text)
}

/** Answers the key under which a token's record lies: SHA-256 cut to 128 bits, so that the store cannot be used to sign in. */
export function keyOf(token: string): string {
  return digestOfToken(token)
}

/** Answers a key for what is no token, of any length. */
export function keyOfText(text: string): string {
  return hash('sha256', text, 'buffer').subarray(0, KEY_BYTES).toString('base64url')
}
