import type { Found, SubjectIndex } from '@holdfast/core'
import { keyFromHex } from '../statements/key-bytes.ts'
import { subjectBytes } from '../statements/record-values.ts'
import { partsOf, readAnswer } from '../statements/answer.ts'
import type { Row } from '../statements/statement.ts'
import type { Tools } from './verbs.ts'

const CURSOR = /^(\d{1,16})\.([\w-]{16})$/

/** Oldest first; sessions of one age by their name, which survives a renewal. The cursor is the place of the last listed. */
export function listVerb({ client, statements }: Tools): SubjectIndex['listSubject'] {
  return async (subject, { limit, after }, { signal }) => {
    const [createdAt, id] = after === undefined ? [0, ''] : placeOf(after)
    const rows = await client.query(statements.list, [subjectBytes(subject), createdAt, id, limit + 1], signal)
    const found = rows.map((row) => listedIn(row, subject))
    const sessions = found.slice(0, limit)
    const last = found.length > limit ? sessions.at(-1) : undefined
    return { sessions, next: last && `${last.record.createdAt}.${last.record.id}` }
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

function placeOf(cursor: string): [createdAt: number, id: string] {
  const [, createdAt, id] = CURSOR.exec(cursor) ?? []
  if (createdAt === undefined || id === undefined) {
    throw new TypeError('The cursor of a listing is not one that the Postgres store has answered. Pass on its `next`.')
  }
  return [Number(createdAt), id]
}
