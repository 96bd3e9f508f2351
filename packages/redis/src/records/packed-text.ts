import { Buffer } from 'node:buffer'

/**
 * Base64url text as bytes. Every text of a fixed length comes back exactly, also one whose last character carries bits
 * that no encoder would set: short texts are padded by zeros to whole groups of four characters.
 */

/** A key: 22 characters. */
export const KEY_TEXT = 22
export const KEY_BYTES = 18
/** A commit id: 11 characters. */
export const COMMIT_TEXT = 11
export const COMMIT_BYTES = 9
/** A public name: 16 characters. */
export const ID_TEXT = 16
export const ID_BYTES = 12

const ALPHABET = /^[\w-]*$/

/**
 * Packs a text of the given length.
 *
 * @throws TypeError for a text of another length or alphabet.
 */
export function pack(text: string, length: number): Buffer {
  return Buffer.from(padded(text, length), 'base64url')
}

/** Writes a text as {@link pack} packs it, or only its first bytes. @throws TypeError as it does. */
export function packInto(bytes: Buffer, at: number, text: string, length: number, size: number): void {
  bytes.write(padded(text, length), at, size, 'base64url')
}

function padded(text: string, length: number): string {
  if (text.length !== length || !ALPHABET.test(text)) {
    throw new TypeError(`A key, id or commit id is not ${length} characters of base64url.`)
  }
  return text.padEnd(Math.ceil(length / 4) * 4, 'A')
}

/** Unpacks a text of the given length that begins at the offset. */
export function unpack(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('base64url', offset, offset + Math.ceil(length / 4) * 3).slice(0, length)
}
