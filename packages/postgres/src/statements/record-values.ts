import { Buffer } from 'node:buffer'

import type { OfferedRecord } from '@holdfast/core'
import type { Cell, Value } from './statement.ts'

/** The values of a record as `create`, `update` and `renew` take them, the key first. */
export function recordValues(key: Buffer, record: OfferedRecord): Value[] {
  return [
    key,
    record.revision,
    record.format,
    record.id,
    record.commits.join(' '),
    whole(record.createdAt),
    whole(record.absoluteAt),
    whole(record.idleTimeout),
    whole(record.idleUntil),
    record.persistent,
    record.subject === undefined ? null : subjectBytes(record.subject),
    record.authenticatedAt === undefined ? null : whole(record.authenticatedAt),
    record.body,
  ]
}

/** A subject is bytes in the database, since its text may hold a NUL, which `text` refuses. */
export function subjectBytes(subject: string): Buffer {
  return Buffer.from(subject, 'utf8')
}

/** Columns hold whole milliseconds. */
export function whole(milliseconds: number): number {
  return Math.trunc(milliseconds)
}

/** Clients answer `boolean` as itself or as Postgres writes it. */
export function isTrue(cell: Cell): boolean {
  return cell === true || cell === 't'
}
