/**
 * How a record lies in Redis: a header of fixed offsets, then what varies in length, then the body as it is.
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 1 | `R`, or `P`: pending, valid only once its old key leads here (Cluster only) |
 * | 1 | 1 | format |
 * | 2 | 1 | flags: 1 persistent, 2 has a subject, 4 has authenticatedAt; times 16: how many commit ids |
 * | 3 | 6 | authenticatedAt, or 0 |
 * | 9 | 12 | id |
 * | 21 | 6 | revision |
 * | 27 | 6 | createdAt |
 * | 33 | 5 | absoluteAt, counted from createdAt |
 * | 38 | 5 | idleTimeout |
 * | 43 | 6 | idleUntil |
 * | 49 | 2 | length of the subject |
 * | 51 | 9 each | commit ids, newest first |
 * | | | subject, then body |
 * | | 18 | of a pending record only: its old key |
 * | | 6 | the first bytes of the key: whose value this is |
 *
 * Numbers are big-endian. Scripts rely on these offsets, counted from 1: see scripts/parts/head.lua.
 */
import { Buffer } from 'node:buffer'

import type { OfferedRecord, SessionRecord } from '@holdfast/core'
import { writeAscii } from './ascii-text.ts'
import {
  COMMIT_BYTES,
  COMMIT_TEXT,
  ID_BYTES,
  ID_TEXT,
  KEY_BYTES,
  KEY_TEXT,
  pack,
  packInto,
  unpack,
  unpackEach,
} from './packed-text.ts'

export const RECORD = 0x52
export const PENDING = 0x50

/**
 * How many of a key's bytes a value ends in, so that a reply is noticed which belongs to another question, or which lost
 * its end on the way and was filled up by the next one.
 */
export const CHECK_BYTES = 6

const AUTHENTICATED = 3
const ID = 9
const REVISION = 21
const CREATED = 27
const LIFE = 33
const IDLE = 38
const IDLE_UNTIL = 43
const SUBJECT = 49
const COMMITS = 51

const PERSISTENT = 1
const HAS_SUBJECT = 2
const HAS_AUTHENTICATED = 4
const COMMIT_COUNT = 16
const INSTANT_BYTES = 6
const LENGTH_BYTES = 5

/** A record as it lies in Redis, with its deadline. */
export interface KeptRecord {
  readonly record: SessionRecord
  readonly idleUntil: number
}

/**
 * Encodes a record under its key, with the offered deadline capped by the absolute end.
 *
 * @param start how many bytes are left free before it, for what the caller sends along
 */
export function encodeRecord(offered: OfferedRecord, start: number = 0): Buffer {
  const { key, commits, subject, authenticatedAt, createdAt, absoluteAt, body } = offered
  const subjectBytes = subject === undefined ? 0 : Buffer.byteLength(subject)
  const text = start + COMMITS + COMMIT_BYTES * commits.length
  const bytes = Buffer.allocUnsafe(text + subjectBytes + body.byteLength + CHECK_BYTES)
  bytes[start] = RECORD
  bytes.writeUInt8(offered.format, start + 1)
  bytes[start + 2] =
    (offered.persistent ? PERSISTENT : 0) +
    (subject === undefined ? 0 : HAS_SUBJECT) +
    (authenticatedAt === undefined ? 0 : HAS_AUTHENTICATED) +
    COMMIT_COUNT * commits.length
  bytes.writeUIntBE(authenticatedAt ?? 0, start + AUTHENTICATED, INSTANT_BYTES)
  packInto(bytes, start + ID, offered.id, ID_TEXT, ID_BYTES)
  writeRevision(bytes, offered.revision, start + REVISION)
  bytes.writeUIntBE(createdAt, start + CREATED, INSTANT_BYTES)
  bytes.writeUIntBE(absoluteAt - createdAt, start + LIFE, LENGTH_BYTES)
  bytes.writeUIntBE(offered.idleTimeout, start + IDLE, LENGTH_BYTES)
  bytes.writeUIntBE(Math.max(0, Math.min(offered.idleUntil, absoluteAt)), start + IDLE_UNTIL, INSTANT_BYTES)
  bytes.writeUInt16BE(subjectBytes, start + SUBJECT)
  for (let index = 0; index < commits.length; index += 1) {
    packInto(bytes, start + COMMITS + COMMIT_BYTES * index, commits[index]!, COMMIT_TEXT, COMMIT_BYTES)
  }
  if (subject !== undefined) {
    if (subjectBytes === subject.length) writeAscii(bytes, text, subject)
    else bytes.write(subject, text)
  }
  bytes.set(body, text + subjectBytes)
  packInto(bytes, bytes.length - CHECK_BYTES, key, KEY_TEXT, CHECK_BYTES)
  return bytes
}

/** Encodes a record that waits for its old key to lead here. */
export function encodePending(offered: OfferedRecord, oldKey: string): Buffer {
  const bytes = encodeRecord(offered)
  bytes[0] = PENDING
  return Buffer.concat([bytes.subarray(0, -CHECK_BYTES), pack(oldKey, KEY_TEXT), bytes.subarray(-CHECK_BYTES)])
}

/** Tells which key a pending record waits for. */
export function oldKeyOf(pending: Buffer): string {
  return unpack(pending, pending.length - CHECK_BYTES - KEY_BYTES, KEY_TEXT)
}

/** Decodes a record that was asked for by its key. The body is copied, lest it keep a whole chunk of the socket alive. */
export function decodeRecord(key: string, bytes: Buffer): KeptRecord {
  const flags = bytes.readUInt8(2)
  const count = Math.floor(flags / COMMIT_COUNT)
  const createdAt = bytes.readUIntBE(CREATED, INSTANT_BYTES)
  const text = COMMITS + COMMIT_BYTES * count
  const body = text + bytes.readUInt16BE(SUBJECT)
  const record: SessionRecord = {
    format: bytes.readUInt8(1),
    key,
    id: bytes.toString('base64url', ID, ID + ID_BYTES),
    revision: bytes.readUIntBE(REVISION, INSTANT_BYTES),
    commits: unpackEach(bytes, COMMITS, COMMIT_TEXT, count),
    createdAt,
    absoluteAt: createdAt + bytes.readUIntBE(LIFE, LENGTH_BYTES),
    idleTimeout: bytes.readUIntBE(IDLE, LENGTH_BYTES),
    persistent: (flags & PERSISTENT) !== 0,
    subject: (flags & HAS_SUBJECT) === 0 ? undefined : bytes.toString('utf8', text, body),
    authenticatedAt: (flags & HAS_AUTHENTICATED) === 0 ? undefined : bytes.readUIntBE(AUTHENTICATED, INSTANT_BYTES),
    body: new Uint8Array(bytes.subarray(body, -CHECK_BYTES)),
  }
  return { record, idleUntil: bytes.readUIntBE(IDLE_UNTIL, INSTANT_BYTES) }
}

/** Writes a revision as the header has it. */
export function writeRevision(bytes: Buffer, revision: number, at: number): void {
  bytes.writeUIntBE(revision, at, INSTANT_BYTES)
}

/** Packs a revision as the header has it. */
export function packRevision(revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(INSTANT_BYTES)
  writeRevision(bytes, revision, 0)
  return bytes
}

/** Packs an idle length as the header has it. */
export function packIdleTimeout(idleTimeout: number): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES)
  bytes.writeUIntBE(idleTimeout, 0, LENGTH_BYTES)
  return bytes
}
