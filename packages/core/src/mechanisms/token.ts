import { hash, randomBytes } from 'node:crypto'

import { type Randomness, asBuffer, createRandomPool } from './random-pool.ts'
import { digestOfToken } from './token-digest.ts'

const TOKEN_BYTES = 24
const ID_BYTES = 12
const COMMIT_ID_BYTES = 8
const KEY_BYTES = 16
const TOKEN_LENGTH = 32
/** For each character of ASCII, whether base64url has it. */
const IN_TOKENS: readonly boolean[] = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)))

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
  const pool = createRandomPool(random)
  return {
    token: () => asBuffer(random(TOKEN_BYTES)).toString('base64url'),
    id: () => pool(ID_BYTES),
    commitId: () => pool(COMMIT_ID_BYTES),
  }
}

/** Tells whether text has the length and alphabet of a token. Nothing else is ever hashed or looked up. */
export function isToken(text: string): boolean {
  if (text.length !== TOKEN_LENGTH) return false
  // A third of what a regular expression takes.
  for (let index = 0; index < TOKEN_LENGTH; index++) if (IN_TOKENS[text.charCodeAt(index)] !== true) return false
  return true
}

/** Answers the key under which a token's record lies: SHA-256 cut to 128 bits, so that the store cannot be used to sign in. */
export function keyOf(token: string): string {
  return digestOfToken(token)
}

/** Answers a key for what is no token, of any length. */
export function keyOfText(text: string): string {
  return hash('sha256', text, 'buffer').subarray(0, KEY_BYTES).toString('base64url')
}
