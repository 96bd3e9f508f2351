import { Buffer } from 'node:buffer'

import type { SessionRecord } from '@holdfast/core'
import { ID_BYTES, ID_TEXT, KEY_TEXT, pack, unpack } from '../records/packed-text.ts'

/** What an index member tells of a session: its age and name, by which it is ordered and paged, and its key. */
export interface Member {
  readonly bytes: Buffer
  readonly key: string
  /** Age and public name. Unlike the key they survive a renewal between two pages, and give nothing away. */
  readonly cursor: string
}

const AGE_BYTES = 6
const NAME_BYTES = AGE_BYTES + ID_BYTES

/** Encodes the member of a session: createdAt, id, key. Bytewise order is order of age, then of name. */
export function encodeMember({ createdAt, id, key }: Pick<SessionRecord, 'createdAt' | 'id' | 'key'>): Buffer {
  const age = Buffer.alloc(AGE_BYTES)
  age.writeUIntBE(createdAt, 0, AGE_BYTES)
  return Buffer.concat([age, pack(id, ID_TEXT), pack(key, KEY_TEXT)])
}

export function decodeMember(bytes: Buffer): Member {
  return { bytes, key: unpack(bytes, NAME_BYTES, KEY_TEXT), cursor: bytes.toString('hex', 0, NAME_BYTES) }
}
