/**
 * The body of a record: one byte that names format, compression and sealing, then the fields, each as
 * name length, name, value length, value. Lengths are LEB128. Values stay opaque.
 */

/** Field names and their encoded values, in the order they were first set. */
export type Fields = ReadonlyMap<string, Uint8Array>

/** The high half of the first byte counts layouts, the low half is reserved for compression and sealing. */
const LAYOUT = 1
const PLAIN = LAYOUT << 4

export const NO_FIELDS: Fields = new Map()

/** Thrown for bytes that no version can have written: the session starts afresh. */
class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody'
}

/** Thrown for bytes that a newer version, or one with other keys, has written: the session must be kept. */
export class NewerBody extends Error {
  override readonly name = 'NewerBody'
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Puts fields into one body. Values are copied, names are UTF-8. */
export function writeBody(fields: Fields): Uint8Array {
  const names: Uint8Array[] = []
  let size = 1
  for (const [name, value] of fields) {
    const bytes = encoder.encode(name)
    names.push(bytes)
    size += lengthSize(bytes.length) + bytes.length + lengthSize(value.length) + value.length
  }
  const body = new Uint8Array(size)
  body[0] = PLAIN
  let at = 1
  let index = 0
  for (const value of fields.values()) {
    for (const part of [names[index++]!, value]) {
      at = writeLength(body, at, part.length)
      body.set(part, at)
      at += part.length
    }
  }
  return body
}

/**
 * Splits a body into its fields without decoding any. The values are views of the body.
 *
 * @throws {@link NewerBody}, {@link UnreadableBody}
 */
export function readBody(body: Uint8Array): Fields {
  const head = body[0]
  if (head === undefined) throw new UnreadableBody('The body is empty.')
  if (head >> 4 > LAYOUT || (head >> 4 === LAYOUT && head !== PLAIN)) {
    throw new NewerBody(`The body has layout 0x${head.toString(16)}, which this version does not know.`)
  }
  if (head !== PLAIN) throw new UnreadableBody('The body has no known layout.')
  const fields = new Map<string, Uint8Array>()
  const cursor = { at: 1 }
  while (cursor.at < body.length) {
    const name = decodeName(readPart(body, cursor))
    if (fields.has(name)) throw new UnreadableBody('A field occurs twice.')
    fields.set(name, readPart(body, cursor))
  }
  return fields
}

function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new UnreadableBody('A field name is not UTF-8.', { cause })
  }
}

function readPart(body: Uint8Array, cursor: { at: number }): Uint8Array {
  let length = 0
  let scale = 1
  for (;;) {
    const byte = body[cursor.at++]
    if (byte === undefined || scale > 2 ** 28) throw new UnreadableBody('A length is cut off.')
    length += (byte & 0x7f) * scale
    if (byte < 0x80) break
    scale *= 0x80
  }
  const end = cursor.at + length
  if (end > body.length) throw new UnreadableBody('A field is cut off.')
  const part = body.subarray(cursor.at, end)
  cursor.at = end
  return part
}

function lengthSize(length: number): number {
  let size = 1
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function writeLength(target: Uint8Array, start: number, length: number): number {
  let at = start
  let rest = length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80
  target[at++] = rest
  return at
}

/** Tells whether two encoded values are the same. */
export function isSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  return Buffer.compare(a, b) === 0
}
