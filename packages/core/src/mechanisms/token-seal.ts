/**
 * Closes a new token up so that only who has the old one can read it. The store keeps the result, and can do nothing
 * with it.
 *
 * The key comes from the old token by HKDF under a label of its own, so that it has nothing to do with the key under
 * which the old record lies. Both keys are authenticated: a result that was put under another key does not open.
 */
import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

import { keyOf } from './token.ts'

const LABEL = 'holdfast: the token that replaced this one, version 1'
const VERSION = 1
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Closes the new token up for those who have the old one. */
export function sealToken(newToken: string, oldToken: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyFrom(oldToken), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(keyOf(oldToken), keyOf(newToken)))
  const hidden = Buffer.concat([cipher.update(Buffer.from(newToken, 'base64url')), cipher.final()])
  return Uint8Array.from([VERSION, ...nonce, ...hidden, ...cipher.getAuthTag()])
}

/** Answers the token that leads to `successor`; `undefined` for bytes that were not made for this token and that key. */
export function openToken(sealed: Uint8Array, oldToken: string, successor: string): string | undefined {
  const tagAt = sealed.length - TAG_BYTES
  if (sealed[0] !== VERSION || tagAt <= 1 + NONCE_BYTES) return undefined
  try {
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, keyFrom(oldToken), nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(boundTo(keyOf(oldToken), successor))
    decipher.setAuthTag(sealed.subarray(tagAt))
    const shown = Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, tagAt)), decipher.final()])
    return shown.toString('base64url')
  } catch {
    return undefined
  }
}

function keyFrom(token: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', Buffer.from(token, 'base64url'), new Uint8Array(0), LABEL, 32))
}

function boundTo(oldKey: string, newKey: string): Uint8Array {
  return Buffer.from(`${oldKey}.${newKey}`)
}
