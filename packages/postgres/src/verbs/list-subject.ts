import type { SubjectIndex } from '@holdfast/core'
import { keyBytes, keyFromHex } from '../statements/key-bytes.ts'
import { foundIn, subjectBytes } from '../statements/record-row.ts'
import type { Tools } from './verbs.ts'

const CURSOR = /^(\d{1,16})\.([\w-]{22})$/

/** Oldest first; sessions of one age by their key. The cursor is the place of the last session that was listed. */
export function listVerb({ client, statements }: Tools): SubjectIndex['listSubject'] {
  return async (subject, { limit, after }, { signal }) => {
    const [createdAt, key] = after === undefined ? [0, Buffer.alloc(0)] : placeOf(after)
    const rows = await client.query(statements.list, [subjectBytes(subject), createdAt, key, limit + 1], signal)
    const found = rows.map((row) => foundIn(row, keyFromHex(row['key'])))
    if (found.some(({ record }) => record.subject !== subject)) {
      throw new Error('Postgres answered a listing with sessions of another subject, so it was thrown away.')
    }
    const sessions = found.slice(0, limit)
    const last = found.length > limit ? sessions.at(-1) : undefined
    return { sessions, next: last && `${last.record.createdAt}.${last.key}` }
  }
}

function placeOf(cursor: string): [createdAt: number, key: Buffer] {
  const [, createdAt, key] = CURSOR.exec(cursor) ?? []
  if (createdAt === undefined || key === undefined) {
    throw new TypeError('The cursor of a listing is not one that the Postgres store has answered. Pass on its `next`.')
  }
  return [Number(createdAt), keyBytes(key)]
}
