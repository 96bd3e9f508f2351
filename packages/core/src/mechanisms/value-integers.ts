/**
 * Whole numbers below 2^32 in MessagePack, without msgpackr: a counter is what most requests that change anything
 * change, and msgpackr makes a DataView for each value that it reads, which takes longer than everything else about it.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md#int-format-family
 */

/** The tags of uint 8, 16 and 32. Below 128 the tag is the number. */
const TAG = 0xcc
const LIMIT = 2 ** 32

/** Answers the bytes of a number, as msgpackr writes them; `undefined` for anything else. */
export function encodeInteger(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= LIMIT) return undefined
  if (value < 0x80) return Uint8Array.of(value)
  const size = value < 0x100 ? 1 : value < 0x10000 ? 2 : 4
  const bytes = new Uint8Array(1 + size)
  bytes[0] = TAG + (size >> 1)
  for (let at = size, rest = value; at > 0; at--, rest = Math.floor(rest / 0x100)) bytes[at] = rest
  return bytes
}

/** Answers the number that bytes are; `undefined` where they are anything else, or not whole. */
export function decodeInteger(bytes: Uint8Array): number | undefined {
  const tag = bytes[0]!
  if (bytes.length === 1) return tag < 0x80 ? tag : undefined
  if (tag < TAG || tag > TAG + 2 || bytes.length !== 1 + (1 << (tag - TAG))) return undefined
  let value = 0
  for (let at = 1; at < bytes.length; at++) value = value * 0x100 + bytes[at]!
  return value
}
