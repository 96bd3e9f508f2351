import type { Found, OfferedRecord, SessionRecord } from '@holdfast/core'
import type { Row, Value } from './statement.ts'

const SEPARATOR = ' '

/** The values of a record as `create` and `update` take them, the key first. */
export function recordValues(key: Buffer, record: OfferedRecord): Value[] {
  return [
    key,
    record.revision,
    record.format,
    record.id,
    record.commits.join(SEPARATOR),
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

/** Makes the record of a row, and its deadline. Clients answer `bigint` as text, number or bigint. */
export function foundIn(row: Row, key: string): Found {
  const record: SessionRecord = {
    format: Number(row['format']),
    key,
    id: String(row['id']),
    revision: Number(row['revision']),
    commits: commitsIn(row),
    createdAt: Number(row['created_at']),
    absoluteAt: Number(row['absolute_at']),
    idleTimeout: Number(row['idle_timeout']),
    persistent: isTrue(row['is_persistent']),
    subject: row['subject'] === null ? undefined : subjectOf(String(row['subject'])),
    authenticatedAt: row['authenticated_at'] === null ? undefined : Number(row['authenticated_at']),
    body: bytesOf(String(row['body'])),
  }
  return { key, record, idleUntil: Number(row['over_at']) }
}

export function commitsIn(row: Row): string[] {
  return String(row['commits']).split(SEPARATOR)
}

/** Clients answer `boolean` as itself or as Postgres writes it. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 't'
}

/** A subject is bytes in the database, since its text may hold a NUL, which `text` refuses. */
export function subjectBytes(subject: string): Buffer {
  return Buffer.from(subject, 'utf8')
}

/** Columns hold whole milliseconds. */
export function whole(milliseconds: number): number {
  return Math.trunc(milliseconds)
}

function subjectOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8')
}

/** Not from the shared pool of small buffers: a record that is kept for long would keep 8 KiB alive. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(hex.length / 2)
  bytes.write(hex, 'hex')
  return bytes
}
