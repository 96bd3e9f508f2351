import { hash, randomBytes } from 'node:crypto'

/** Answers that many random bytes. Throws when the platform has no randomness: then the request fails. */
export type Randomness = (size: number) => Uint8Array

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

/** Makes a {@link Mint}; tests hand in a randomness that repeats itself or fails. */
export function createMint(random: Randomness = randomBytes): Mint {
  const draw = (size: number): string => Buffer.from(random(size)).toString('base64url')
  return {
    token: () => draw(TOKEN_BYTES),
    id: () => draw(ID_BYTES),
    commitId: () => draw(COMMIT_ID_BYTES),
  }
}

/** Tells whether text has the length and alphabet of a token. Nothing else is ever hashed or looked up. */
export function isToken(text: string): boolean {
  return text.length === 32 && TOKEN.test(text)
}

/** Answers the key under which a token's record lies: SHA-256 cut to 128 bits, so that the store cannot be used to sign in. */
export function keyOf(token: string): string {
  return hash('sha256', token, 'buffer').toString('base64url', 0, KEY_BYTES)
}
