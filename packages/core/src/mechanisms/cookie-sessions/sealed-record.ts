/**
 * A session as the seal of a cookie holds it: everything that a store would keep, but for what only a store needs.
 *
 * One byte for the layout, one for flags, the public name, then numbers of 6 bytes, the subject with its length, and the
 * body of the record up to the end.
 */
import { Buffer } from 'node:buffer'

import { StoreError } from '../../contracts/errors.ts'
import { type OfferedRecord, RECORD_FORMAT, type SessionRecord } from '../../contracts/record.ts'
import type { Found } from '../../contracts/store.ts'
import { type Cursor, lengthSize, readPart, writePart } from '../parts-of-bytes.ts'

const LAYOUT = 1
const IS_PERSISTENT = 1
const HAS_SUBJECT = 2
const IS_AUTHENTICATED = 4

const ID_BYTES = 12
const NUMBER_BYTES = 6
const NUMBERS = ['revision', 'createdAt', 'absoluteAt', 'idleTimeout', 'idleUntil', 'authenticatedAt'] as const
const HEAD_BYTES = 2 + ID_BYTES + NUMBERS.length * NUMBER_BYTES
const NO_COMMITS: readonly string[] = []

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Writes a record. Its key and commits are left out: there is no store in which it lies. */
export function writeSealedRecord(record: OfferedRecord): Uint8Array {
  const { id, persistent, subject, authenticatedAt, body } = record
  const name = Buffer.from(subject ?? '')
  const bytes = Buffer.alloc(HEAD_BYTES + lengthSize(name.length) + name.length + body.length)
  bytes[0] = LAYOUT
  bytes[1] =
    (persistent ? IS_PERSISTENT : 0) |
    (subject === undefined ? 0 : HAS_SUBJECT) |
    (authenticatedAt === undefined ? 0 : IS_AUTHENTICATED)
  bytes.write(id, 2, ID_BYTES, 'base64url')
  let at = 2 + ID_BYTES
  for (const member of NUMBERS) at = bytes.writeUIntBE(record[member] ?? 0, at, NUMBER_BYTES)
  bytes.set(body, writePart(bytes, at, name))
  return bytes
}

/**
 * Reads what {@link writeSealedRecord} has written. The id stands for the key, under which nothing lies.
 *
 * @throws StoreError `ERR_RECORD_NEWER`; any other error for bytes that no version can have written
 */
export function readSealedRecord(sealed: Uint8Array): Found {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const layout = bytes.readUInt8(0)
  if (layout > LAYOUT) {
    throw new StoreError(
      'ERR_RECORD_NEWER',
      `The session in the cookie was written in layout ${layout}; this version knows ${LAYOUT}. The cookie is kept as it is. Finish the deploy.`,
    )
  }
  const flags = bytes.readUInt8(1)
  const id = bytes.toString('base64url', 2, 2 + ID_BYTES)
  const [revision, createdAt, absoluteAt, idleTimeout, idleUntil, authenticatedAt] = NUMBERS.map((_, index) =>
    bytes.readUIntBE(2 + ID_BYTES + index * NUMBER_BYTES, NUMBER_BYTES),
  ) as [number, number, number, number, number, number]
  const cursor: Cursor = { at: HEAD_BYTES }
  const subject = decoder.decode(readPart(bytes, cursor))
  const record: SessionRecord = {
    format: RECORD_FORMAT,
    key: id,
    id,
    revision,
    commits: NO_COMMITS,
    createdAt,
    absoluteAt,
    idleTimeout,
    persistent: (flags & IS_PERSISTENT) !== 0,
    subject: (flags & HAS_SUBJECT) === 0 ? undefined : subject,
    authenticatedAt: (flags & IS_AUTHENTICATED) === 0 ? undefined : authenticatedAt,
    body: Uint8Array.from(bytes.subarray(cursor.at)),
  }
  return { key: id, record, idleUntil }
}
