/**
 * The body of a record: one byte that names layout, compression and sealing, then the head with its length, then the
 * fields, each as name length, name, value length, value. Lengths are LEB128. Values stay opaque.
 *
 * Layout 1 had no head. It is still read. What the first byte says of compression and sealing is undone before.
 */
import { PLAIN, UnreadableBody, WITHOUT_HEAD, firstByteOf } from './envelope/first-byte.ts'
import { type Cursor, lengthSize, readPart, writePart } from './parts-of-bytes.ts'
import { NO_HEAD, type RecordHead, readHead, writeHead } from './record-head.ts'

/** Field names and their encoded values, in the order they were first set. */
export type Fields = ReadonlyMap<string, Uint8Array>

/** What a body holds. */
export interface OpenBody {
  readonly head: RecordHead
  readonly fields: Fields
}

export const NO_FIELDS: Fields = new Map()

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Puts a head and fields into one body. Values are copied, names are UTF-8. */
export function writeBody(head: RecordHead, fields: Fields): Uint8Array {
  const headBytes = writeHead(head)
  const names: Uint8Array[] = []
  let size = 1 + lengthSize(headBytes.length) + headBytes.length
  for (const [name, value] of fields) {
    const bytes = Buffer.from(name)
    names.push(bytes)
    size += lengthSize(bytes.length) + bytes.length + lengthSize(value.length) + value.length
  }
  const body = new Uint8Array(size)
  body[0] = PLAIN
  let at = writePart(body, 1, headBytes)
  let index = 0
  for (const value of fields.values()) {
    at = writePart(body, at, names[index++]!)
    at = writePart(body, at, value)
  }
  return body
}

/**
 * Splits a body into its head and its fields without decoding any of these. Their values are views of the body.
 *
 * @throws {@link NewerBody}, {@link UnreadableBody}
 */
export function readBody(body: Uint8Array): OpenBody {
  const first = firstByteOf(body)
  if (first !== PLAIN && first !== WITHOUT_HEAD) throw new UnreadableBody('The body is still sealed or compressed.')
  const cursor: Cursor = { at: 1 }
  const head = first === PLAIN ? decodeHead(readPart(body, cursor)) : NO_HEAD
  const fields = new Map<string, Uint8Array>()
  while (cursor.at < body.length) {
    const name = decodeName(readPart(body, cursor))
    if (fields.has(name)) throw new UnreadableBody('A field occurs twice.')
    fields.set(name, readPart(body, cursor))
  }
  return { head, fields }
}

function decodeHead(bytes: Uint8Array): RecordHead {
  try {
    return readHead(bytes)
  } catch (cause) {
    throw new UnreadableBody('The head cannot be read.', { cause })
  }
}

function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new UnreadableBody('A field name is not UTF-8.', { cause })
  }
}

/** Tells whether two encoded values are the same. */
export function isSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  return Buffer.compare(a, b) === 0
}
