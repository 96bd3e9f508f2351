/**
 * The body of a record: one byte that names layout, compression and sealing, then the head with its length, then the
 * fields, each as name length, name, value length, value. Lengths are LEB128. Values stay opaque.
 *
 * Layout 1 had no head. It is still read. What the first byte says of compression and sealing is undone before.
 */
import { Buffer } from 'node:buffer'

import { PLAIN, UnreadableBody, WITHOUT_HEAD, firstByteOf } from './envelope/first-byte.ts'
import { type FieldChanges, type Fields, type PackedBody, PackedFields, packFields } from './packed-fields.ts'
import { type Cursor, lengthSize, readLength, readPart, writePart } from './parts-of-bytes.ts'
import { NO_HEAD, type RecordHead, readHead, writeHead } from './record-head.ts'

export type { Fields } from './packed-fields.ts'

/** What a body holds. */
export interface OpenBody {
  readonly head: RecordHead
  readonly fields: Fields
}

export const NO_FIELDS: Fields = new Map()

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Puts a head and fields into one body. Values are copied, names are UTF-8. */
export function packBody(head: RecordHead, fields: Fields): PackedBody {
  const headBytes = writeHead(head)
  const beginning = new Uint8Array(1 + lengthSize(headBytes.length) + headBytes.length)
  beginning[0] = PLAIN
  writePart(beginning, 1, headBytes)
  return packFields(beginning, fields)
}

/** Changes some fields of a body, and nothing else; `undefined` for a body that must be written anew. */
export function patchBody(body: Uint8Array, fields: Fields, changes: FieldChanges): PackedBody | undefined {
  return body[0] === PLAIN && fields instanceof PackedFields && fields.body === body
    ? fields.patched(changes)
    : undefined
}

/** Puts a head and fields into one body, for whoever needs no more of it. */
export function writeBody(head: RecordHead, fields: Fields): Uint8Array {
  return packBody(head, fields).body
}

/**
 * Splits a body into its head and its fields without decoding any of these. Their values are views of the body.
 *
 * @throws {@link NewerBody}, {@link UnreadableBody}
 */
export function readBody(body: Uint8Array): OpenBody {
  const cursor: Cursor = { at: 1 }
  return { head: readHeadOf(body, cursor), fields: readFields(body, cursor) }
}

/** Splits a body that was split before, so that its field names are known and need no decoding. */
export function readBodyAgain(body: Uint8Array, names: readonly string[]): OpenBody {
  const cursor: Cursor = { at: 1 }
  const head = readHeadOf(body, cursor)
  const starts: number[] = []
  while (cursor.at < body.length) {
    starts.push(cursor.at)
    skipPart(body, cursor)
    const length = readLength(body, cursor)
    starts.push(cursor.at)
    cursor.at += length
  }
  return { head, fields: new PackedFields(body, names, starts) }
}

function skipPart(body: Uint8Array, cursor: Cursor): void {
  const length = readLength(body, cursor)
  cursor.at += length
}

function readHeadOf(body: Uint8Array, cursor: Cursor): RecordHead {
  const first = firstByteOf(body)
  if (first !== PLAIN && first !== WITHOUT_HEAD) throw new UnreadableBody('The body is still sealed or compressed.')
  return first === PLAIN ? decodeHead(readPart(body, cursor)) : NO_HEAD
}

function readFields(body: Uint8Array, cursor: Cursor): Fields {
  const names: string[] = []
  const starts: number[] = []
  while (cursor.at < body.length) {
    starts.push(cursor.at)
    const name = decodeName(readPart(body, cursor))
    names.push(name)
    const length = readLength(body, cursor)
    starts.push(cursor.at)
    cursor.at += length
    if (cursor.at > body.length) throw new RangeError('A part is cut off.')
  }
  if (new Set(names).size < names.length) throw new UnreadableBody('A field occurs twice.')
  return new PackedFields(body, names, starts)
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

/** Up to so many bytes are compared one by one: a native call takes as long. */
const FEW_BYTES = 32

/** Tells whether two encoded values are the same. */
export function isSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  if (a.length > FEW_BYTES) return Buffer.compare(a, b) === 0
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
