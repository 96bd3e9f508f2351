import { hash, randomBytes } from 'node:crypto'

/** Answers that many random bytes. Throws when the platform has no randomness: then the request fails. */
export type Randomness = (size: number) => Uint8Array

const TOKEN_BYTES = 24
const ID_BYTES = 12
const COMMIT_ID_BYTES = 8
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

/** Characters of a key before the last one, which has only two bits to tell. */
const WHOLE_CHARACTERS = 21
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** By its code, the character that tells the first two bits of a character alone. */
const TWO_BITS: readonly string[] = Array.from(
  { length: 128 },
  (_, code) => BASE64URL[BASE64URL.indexOf(String.fromCharCode(code)) & 0b110000]!,
)

/**
 * Answers the key under which a token's record lies: SHA-256 cut to 128 bits, so that the store cannot be used to sign in.
 * The digest is cut as text, which takes half the time of a Buffer.
 */
export function keyOf(token: string): string {
  const digest = hash('sha256', token, 'base64url')
  return digest.slice(0, WHOLE_CHARACTERS) + TWO_BITS[digest.charCodeAt(WHOLE_CHARACTERS)]!
}
