import { Buffer } from 'node:buffer'

/** Keys travel as 16 bytes, and come back as hexadecimal text. */
export function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key, 'base64url')
  if (bytes.length !== 16) throw new TypeError('A key was not 22 characters of base64url, so nothing was asked.')
  return bytes
}

/** Tells which key an answer is about. Usually the one that was asked for, which then need not be encoded again. */
export function keyOf(hex: unknown, asked: string, askedBytes: Buffer): string {
  return hex === askedBytes.toString('hex') ? asked : keyFromHex(hex)
}

export function keyFromHex(hex: unknown): string {
  return Buffer.from(String(hex), 'hex').toString('base64url')
}
