/**
 * What `create` and `update` send beside keys, as one argument: each further one costs the client more than it costs the
 * script to take this one apart.
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 9 | commit id |
 * | 9 | 6 | expected revision, or 0 |
 * | 15 | 1 | 1: the index has been told already |
 * | 16 | 1 | length of the stamp; 0: the script publishes nothing |
 * | 17 | | stamp of the message of the change feed |
 * | | | the record: see record-layout.ts |
 *
 * Scripts rely on these offsets, counted from 1: see scripts/parts/call.lua.
 */
import type { Buffer } from 'node:buffer'

import type { OfferedRecord } from '@holdfast/core'
import { writeAscii } from './ascii-text.ts'
import { COMMIT_BYTES, COMMIT_TEXT, packInto } from './packed-text.ts'
import { encodeRecord, writeRevision } from './record-layout.ts'

const EXPECTED = 9
const INDEXED = 15
const STAMP_LENGTH = 16
const STAMP = 17

export interface RecordCall {
  readonly record: OfferedRecord
  readonly commitId: string
  readonly expected: number
  readonly isIndexed: boolean
  /** ASCII, of 255 characters at most. */
  readonly stamp: string
}

export function encodeCall({ record, commitId, expected, isIndexed, stamp }: RecordCall): Buffer {
  const bytes = encodeRecord(record, STAMP + stamp.length)
  packInto(bytes, 0, commitId, COMMIT_TEXT, COMMIT_BYTES)
  writeRevision(bytes, expected, EXPECTED)
  bytes[INDEXED] = isIndexed ? 1 : 0
  bytes[STAMP_LENGTH] = stamp.length
  writeAscii(bytes, STAMP, stamp)
  return bytes
}
