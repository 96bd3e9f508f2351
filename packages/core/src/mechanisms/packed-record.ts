/**
 * A record as one string of single-byte characters: its header as JSON in ASCII, a line feed, its body. A string takes
 * little more than its characters, and the collector need not look into it; an opened record takes many times its body.
 */
import { Buffer } from 'node:buffer'

import { readBody, readBodyAgain } from './body.ts'
import type { OpenRecord } from './live.ts'
import { SharedValues } from './shared-values.ts'

/** Header members by place. What is missing is `null`. JSON writes no line feed. */
type Header = readonly [
  format: number,
  id: string,
  commits: readonly string[],
  createdAt: number,
  absoluteAt: number,
  idleTimeout: number,
  persistent: boolean,
  subject: string | null,
  authenticatedAt: number | null,
  idleUntil: number,
]

const NOT_ASCII = /[^\x20-\x7e]/g

/** Packs all of a record but its key and its revision, which whoever keeps it knows. */
export function packRecord({ record, idleUntil }: OpenRecord): string {
  const { body } = record
  const header: Header = [
    record.format,
    record.id,
    record.commits,
    record.createdAt,
    record.absoluteAt,
    record.idleTimeout,
    record.persistent,
    record.subject ?? null,
    record.authenticatedAt ?? null,
    idleUntil,
  ]
  const line = `${JSON.stringify(header).replace(NOT_ASCII, escaped)}\n`
  // By way of bytes, since a string put together would keep its parts.
  const bytes = Buffer.allocUnsafe(line.length + body.length)
  bytes.write(line, 'latin1')
  bytes.set(body, line.length)
  return bytes.toString('latin1')
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** What whoever keeps a packed record knows of it besides. */
export interface KnownOfRecord {
  readonly key: string
  readonly revision: number
  /** The names of its fields, where they are known. */
  readonly names: readonly string[] | undefined
}

/** Opens what {@link packRecord} has packed. No part of the answer refers to the packed record. */
export function unpackRecord(packed: string, { key, revision, names }: KnownOfRecord): OpenRecord {
  const end = packed.indexOf('\n')
  const header = JSON.parse(packed.slice(0, end)) as Header
  const [format, id, commits, createdAt, absoluteAt, idleTimeout, persistent, subject, authenticatedAt, idleUntil] =
    header
  // Not from the pool of buffers, of which a single body would keep many times its bytes.
  const body = Buffer.allocUnsafeSlow(packed.length - end - 1)
  body.write(packed.slice(end + 1), 'latin1')
  const record = {
    format,
    key,
    id,
    revision,
    commits,
    createdAt,
    absoluteAt,
    idleTimeout,
    persistent,
    subject: subject ?? undefined,
    authenticatedAt: authenticatedAt ?? undefined,
    body,
  }
  const { head, fields } = names === undefined ? readBody(body) : readBodyAgain(body, names)
  return { record, idleUntil, head, fields, values: new SharedValues() }
}
