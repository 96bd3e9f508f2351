/** What the store answers, made from what lies under a key. */
import { Buffer } from 'node:buffer'

import type { Absent, Conflict, Ended, Moved, Tombstone } from '@holdfast/core'
import { RedisStoreError } from './redis-store-error.ts'
import { CHECK_BYTES, decodeRecord, PENDING, RECORD, type KeptRecord } from './records/record-layout.ts'
import { isPackedAt } from './records/packed-text.ts'
import { ALIAS, decodeAlias, decodeTombstone, TOMBSTONE } from './records/remains-layout.ts'

/** What lies under a key. A pending record is none yet. */
export type Standing =
  | ({ readonly kind: 'record' } & KeptRecord)
  | { readonly kind: 'pending'; readonly bytes: Buffer }
  | { readonly kind: 'remains'; readonly answer: Moved | Ended | Absent }

/**
 * Reads what lies under a key. A value that ends as that of another key does, since it belongs there or lost its end on
 * the way, is answered under that key's beginning, so that the engine notices, throws it away and drops the connection.
 */
export function standingOf(key: string, bytes: Buffer | null): Standing {
  if (bytes === null) return { kind: 'remains', answer: absent(key) }
  if (!Buffer.isBuffer(bytes)) return { kind: 'remains', answer: absent('') }
  const end = bytes.length - CHECK_BYTES
  if (!isPackedAt(bytes, end, key, CHECK_BYTES)) {
    return { kind: 'remains', answer: absent(`${bytes.toString('base64url', end)}…`) }
  }
  switch (bytes[0]) {
    case RECORD: {
      const { record, idleUntil } = decodeRecord(key, bytes)
      return { kind: 'record', record, idleUntil }
    }
    case PENDING:
      return { kind: 'pending', bytes }
    case ALIAS:
      return { kind: 'remains', answer: { outcome: 'moved', key, alias: decodeAlias(bytes) } }
    case TOMBSTONE:
      return { kind: 'remains', answer: ended(key, decodeTombstone(bytes)) }
    default:
      throw new RedisStoreError(
        'ERR_REDIS_VALUE',
        'Something that is no session lies where one is looked for. Give this store a `prefix` of its own.',
      )
  }
}

/** What a writing verb answers that was refused by what lies there. */
export function refusal(
  key: string,
  standing: Exclude<Standing, { kind: 'pending' }>,
): Conflict | Moved | Ended | Absent {
  if (standing.kind === 'remains') return standing.answer
  return { outcome: 'conflict', key, record: standing.record, idleUntil: standing.idleUntil }
}

export function absent(key: string): Absent {
  return { outcome: 'absent', key }
}

export function ended(key: string, tombstone: Tombstone): Ended {
  return { outcome: 'ended', key, tombstone }
}
