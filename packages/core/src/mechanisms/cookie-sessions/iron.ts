/** Seals bytes as text that fits into cookies, and opens it again: by iron-webcrypto, with keys instead of passwords. */
import { Buffer } from 'node:buffer'

import { defaults, seal, unseal } from 'iron-webcrypto'

/** Two keys of one generation. */
export interface IronKey {
  /** Letters, digits and `_`. It is told in clear text. */
  readonly id: string
  /** 32 bytes. */
  readonly encryption: Uint8Array
  /** 32 bytes. */
  readonly integrity: Uint8Array
}

/** What every seal of iron begins with, and ours leave out. */
const MARK = 'Fe26.2*'

const OPTIONS = {
  ...defaults,
  // The ends are judged by the engine's clock, from what lies inside.
  timestampSkewSec: Number.POSITIVE_INFINITY,
  encode: (bytes: unknown) => asText(bytes as Uint8Array),
  decode: asBytes,
}

/** Seals bytes with a key. `until` stands on the seal in clear text, authenticated. */
export async function sealBytes(bytes: Uint8Array, key: IronKey, until: number): Promise<string> {
  const now = Date.now()
  const options = { ...OPTIONS, ttl: until, localtimeOffsetMsec: -now }
  return (await seal(bytes, key, options)).slice(MARK.length)
}

/**
 * What a seal of ours looks like: key, nonce, ciphertext, end, and the code that authenticates all of it. The last
 * character of that code may have no bits set that decoding would drop, so that each seal can be written in one way only.
 */
const SEAL = /^(\w+)\*\*[\w-]{22}\*[\w-]+\*([1-9]\d{0,15})\*\*[\w-]{42}[AEIMQUYcgkosw048]$/

/** What stands on a seal for everybody to read; `undefined` for text that is no seal of ours. */
export function readLabel(sealed: string): { readonly keyId: string; readonly until: number } | undefined {
  const parts = SEAL.exec(sealed)
  return parts === null ? undefined : { keyId: parts[1]!, until: Number(parts[2]) }
}

/** Opens what {@link sealBytes} has sealed. @throws any error for text that was not sealed with that key */
export async function openBytes(sealed: string, key: IronKey): Promise<Uint8Array> {
  return (await unseal(MARK + sealed, { [key.id]: key }, OPTIONS)) as Uint8Array
}

const LATIN1 = 'L'
const BASE64 = 'B'

/** Iron seals text. Of two forms the shorter one is taken: most sessions are mostly ASCII. */
function asText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const latin1 = buffer.toString('latin1')
  if (Buffer.byteLength(latin1) <= (buffer.length * 4) / 3) return LATIN1 + latin1
  return BASE64 + buffer.toString('base64url')
}

function asBytes(text: string): Uint8Array {
  if (text[0] === LATIN1) return Buffer.from(text.slice(1), 'latin1')
  if (text[0] === BASE64) return Buffer.from(text.slice(1), 'base64url')
  throw new TypeError('The sealed text has no known form.')
}
