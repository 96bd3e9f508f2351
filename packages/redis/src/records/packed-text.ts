/**
 * Base64url text as bytes. Every text of a fixed length comes back exactly, also one whose last character carries bits
 * that no encoder would set: short texts are padded by zeros to whole groups of four characters.
 */
import { Buffer } from 'node:buffer'

/** A key: 22 characters. */
export const KEY_TEXT = 22
export const KEY_BYTES = 18
/** A commit id: 11 characters. */
export const COMMIT_TEXT = 11
export const COMMIT_BYTES = 9
/** A public name: 16 characters. */
export const ID_TEXT = 16
export const ID_BYTES = 12

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** What each ASCII character stands for; 64 for none of the alphabet. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = ALPHABET.indexOf(String.fromCharCode(code))
  return value < 0 ? 64 : value
})

/**
 * Packs a text of the given length.
 *
 * @throws TypeError for a text of another length or alphabet.
 */
export function pack(text: string, length: number): Buffer {
  const size = bytesOf(length)
  const bytes = Buffer.allocUnsafe(size)
  packInto(bytes, 0, text, length, size)
  return bytes
}

/**
 * Writes a text as {@link pack} packs it, or only its first bytes: a multiple of three. Texts are so short that the way
 * into Node's own encoder costs five times what it does there.
 *
 * @throws TypeError as it does.
 */
export function packInto(bytes: Buffer, at: number, text: string, length: number, size: number): void {
  if (text.length !== length) refuse(length)
  for (let from = 0, to = at; from < length; from += 4, to += 3) {
    const group = groupAt(text, from)
    if (group < 0) refuse(length)
    if (to < at + size) {
      bytes[to] = group >> 16
      bytes[to + 1] = group >> 8
      bytes[to + 2] = group
    }
  }
}

/** Says whether the first bytes of a packed text lie at an offset: a multiple of three. */
export function isPackedAt(bytes: Buffer, at: number, text: string, size: number): boolean {
  if (at < 0 || bytesOf(text.length) < size) return false
  for (let from = 0, to = at; to < at + size; from += 4, to += 3) {
    if (groupAt(text, from) !== ((bytes[to]! << 16) | (bytes[to + 1]! << 8) | bytes[to + 2]!)) return false
  }
  return true
}

/** Unpacks a text of the given length that begins at the offset. */
export function unpack(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('base64url', offset, offset + bytesOf(length)).slice(0, length)
}

/** Unpacks so many texts of the given length that lie one after the other, by one call of Node's encoder. */
export function unpackEach(bytes: Buffer, offset: number, length: number, count: number): string[] {
  const characters = bytes.toString('base64url', offset, offset + bytesOf(length) * count)
  const texts: string[] = []
  for (let index = 0; index < count; index += 1) {
    const start = index * Math.ceil(length / 4) * 4
    texts.push(characters.slice(start, start + length))
  }
  return texts
}

function bytesOf(length: number): number {
  return Math.ceil(length / 4) * 3
}

/** Four characters as 24 bits; negative where one of them is not of the alphabet. What is missing at the end is zero. */
function groupAt(text: string, from: number): number {
  const first = valueAt(text, from)
  const second = valueAt(text, from + 1)
  const third = valueAt(text, from + 2)
  const fourth = valueAt(text, from + 3)
  return (first | second | third | fourth) > 63 ? -1 : (first << 18) | (second << 12) | (third << 6) | fourth
}

function valueAt(text: string, index: number): number {
  return index < text.length ? (VALUES[text.charCodeAt(index)] ?? 64) : 0
}

function refuse(length: number): never {
  throw new TypeError(`A key, id or commit id is not ${length} characters of base64url.`)
}
