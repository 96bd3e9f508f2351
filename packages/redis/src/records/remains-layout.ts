/**
 * How tombstones and aliases lie in Redis.
 *
 * | offset | bytes | tombstone | alias |
 * |---|---|---|---|
 * | 0 | 1 | `T` | `A` |
 * | 1 | 1 | flags: 1 a live session was ended here, 2 has an id | flags: 1 has a sealed token |
 * | 2 | 6 | the first bytes of the key | the same |
 * | 8 | 6 | at | the same |
 * | 14 | 9 | commit id | the same |
 * | 23 | | id, 12 bytes, if there is one; then the reason | graceUntil, 6 bytes |
 * | 29 | 6 | | the idle deadline that the session went on with |
 * | 35 | 18 | | successor |
 * | 53 | | | the sealed token, if there is one |
 * | | 6 | the first bytes of the key again | the same |
 */
import { Buffer } from 'node:buffer'

import type { Alias, EndReason, Tombstone } from '@holdfast/core'
import { COMMIT_TEXT, ID_BYTES, ID_TEXT, KEY_TEXT, pack, unpack } from './packed-text.ts'
import { CHECK_BYTES } from './record-layout.ts'

export const TOMBSTONE = 0x54
export const ALIAS = 0x41

const AT = 8
const COMMIT = 14
const REST = 23
const IDLE_UNTIL = 29
const SUCCESSOR = 35
const SEALED_TOKEN = 53
const INSTANT_BYTES = 6
const HAS_ID = 2
const HAS_SEALED_TOKEN = 1

/** Encodes a tombstone under its key. */
export function encodeTombstone(key: string, { reason, at, id, commitId }: Tombstone): Buffer {
  const text = REST + (id === undefined ? 0 : ID_BYTES)
  const bytes = Buffer.alloc(text + Buffer.byteLength(reason) + CHECK_BYTES)
  writeEnds(bytes, TOMBSTONE, key, at, commitId)
  if (id !== undefined) {
    bytes[1] = HAS_ID
    pack(id, ID_TEXT).copy(bytes, REST)
  }
  bytes.write(reason, text)
  return bytes
}

export function decodeTombstone(bytes: Buffer): Tombstone {
  const hasId = (bytes.readUInt8(1) & HAS_ID) !== 0
  return {
    reason: bytes.toString('utf8', hasId ? REST + ID_BYTES : REST, bytes.length - CHECK_BYTES) as EndReason,
    at: bytes.readUIntBE(AT, INSTANT_BYTES),
    id: hasId ? bytes.toString('base64url', REST, REST + ID_BYTES) : undefined,
    commitId: unpack(bytes, COMMIT, COMMIT_TEXT),
  }
}

/** Encodes an alias under its key. */
export function encodeAlias(key: string, { successor, at, graceUntil, commitId, sealedToken }: Alias): Buffer {
  const bytes = Buffer.alloc(SEALED_TOKEN + (sealedToken?.byteLength ?? 0) + CHECK_BYTES)
  writeEnds(bytes, ALIAS, key, at, commitId)
  bytes.writeUIntBE(graceUntil, REST, INSTANT_BYTES)
  pack(successor, KEY_TEXT).copy(bytes, SUCCESSOR)
  if (sealedToken !== undefined) {
    bytes[1] = HAS_SEALED_TOKEN
    bytes.set(sealedToken, SEALED_TOKEN)
  }
  return bytes
}

export function decodeAlias(bytes: Buffer): Alias {
  const hasSealedToken = (bytes.readUInt8(1) & HAS_SEALED_TOKEN) !== 0
  return {
    successor: unpack(bytes, SUCCESSOR, KEY_TEXT),
    at: bytes.readUIntBE(AT, INSTANT_BYTES),
    graceUntil: bytes.readUIntBE(REST, INSTANT_BYTES),
    commitId: unpack(bytes, COMMIT, COMMIT_TEXT),
    ...(hasSealedToken && { sealedToken: new Uint8Array(bytes.subarray(SEALED_TOKEN, -CHECK_BYTES)) }),
  }
}

/** Tells the idle deadline that a session went on with when it left this alias. */
export function idleUntilOf(alias: Buffer): number {
  return alias.readUIntBE(IDLE_UNTIL, INSTANT_BYTES)
}

function writeEnds(bytes: Buffer, kind: number, key: string, at: number, commitId: string): void {
  bytes[0] = kind
  const packed = pack(key, KEY_TEXT)
  packed.copy(bytes, 2, 0, CHECK_BYTES)
  packed.copy(bytes, bytes.length - CHECK_BYTES, 0, CHECK_BYTES)
  bytes.writeUIntBE(at, AT, INSTANT_BYTES)
  pack(commitId, COMMIT_TEXT).copy(bytes, COMMIT)
}
