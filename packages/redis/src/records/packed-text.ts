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
  check(text, length)
  return Buffer.from(text.padEnd(Math.ceil(length / 4) * 4, 'A'), 'base64url')
}

/** Writes a commit id where a header has it. @throws TypeError as {@link pack} does. */
export function writeCommit(bytes: Buffer, commitId: string, at: number): void {
  check(commitId, COMMIT_TEXT)
  bytes.write(`${commitId}A`, at, COMMIT_BYTES, 'base64url')
}

/** Writes a public name where a header has it. @throws TypeError as {@link pack} does. */
export function writeId(bytes: Buffer, id: string, at: number): void {
  check(id, ID_TEXT)
  bytes.write(id, at, ID_BYTES, 'base64url')
}

/** Writes the first bytes of a key. @throws TypeError as {@link pack} does. */
export function writeKeyStart(bytes: Buffer, key: string, at: number, size: number): void {
  check(key, KEY_TEXT)
  bytes.write(key, at, size, 'base64url')
}

function check(text: string, length: number): void {
  if (text.length === length && ALPHABET.test(text)) return
  throw new TypeError(`A key, id or commit id is not ${length} characters of base64url.`)
}

/** Unpacks a text of the given length that begins at the offset. */
export function unpack(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('base64url', offset, offset + Math.ceil(length / 4) * 3).slice(0, length)
}
