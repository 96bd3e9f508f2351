import type { Found, SubjectIndex } from '@holdfast/core'
import { keyBytes, keyFromHex } from '../statements/key-bytes.ts'
import { subjectBytes } from '../statements/record-values.ts'
import { partsOf, readAnswer } from '../statements/answer.ts'
import type { Row } from '../statements/statement.ts'
import type { Tools } from './verbs.ts'

const CURSOR = /^(\d{1,16})\.([\w-]{22})$/

/** Oldest first; sessions of one age by their key. The cursor is the place of the last session that was listed. */
export function listVerb({ client, statements }: Tools): SubjectIndex['listSubject'] {
  return async (subject, { limit, after }, { signal }) => {
    const [createdAt, key] = after === undefined ? [0, Buffer.alloc(0)] : placeOf(after)
    const rows = await client.query(statements.list, [subjectBytes(subject), createdAt, key, limit + 1], signal)
    const found = rows.map((row) => listedIn(row, subject))
    const sessions = found.slice(0, limit)
    const last = found.length > limit ? sessions.at(-1) : undefined
    return { sessions, next: last && `${last.record.createdAt}.${last.key}` }
  }
}

function listedIn(row: Row, subject: string): Found {
  const { keyHex, words } = partsOf(row)
  const answer = readAnswer(words, keyFromHex(keyHex))
  if (answer.outcome === 'found' && answer.record.subject === subject) {
    const { key, record, idleUntil } = answer
    return { key, record, idleUntil }
  }
  throw new Error('Postgres answered a listing with what is no session of the subject, so it was thrown away.')
}

function placeOf(cursor: string): [createdAt: number, key: Buffer] {
  const [, createdAt, key] = CURSOR.exec(cursor) ?? []
  if (createdAt === undefined || key === undefined) {
    throw new TypeError('The cursor of a listing is not one that the Postgres store has answered. Pass on its `next`.')
  }
  return [Number(createdAt), keyBytes(key)]
}
