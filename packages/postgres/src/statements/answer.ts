import { Buffer } from 'node:buffer'

import type { Alias, Found, LoadResult, SessionRecord, Tombstone } from '@holdfast/core'
import { keyFromHex } from './key-bytes.ts'
import type { Row } from './statement.ts'

/**
 * What lies under a key, as one line of words: the key, the time, and what is there. Each column of an answer would cost a
 * description, a parser and an allocation with every question, which is a fifth of what a load costs this process. Bytes
 * are hexadecimal, whatever `bytea_output` and the parsers of the client say.
 */
export function answerText(key: string, now: string): string {
  return `concat_ws(' ', encode(${key}, 'hex'), ${now}, CASE s.kind
    WHEN 0 THEN concat_ws(' ', 'record', s.over_at, s.revision, s.format, s.created_at, s.absolute_at, s.idle_timeout,
      s.is_persistent, COALESCE(s.authenticated_at, -1), s.id, COALESCE(encode(s.subject, 'hex'), '-'),
      encode(s.body, 'hex'), s.commits)
    WHEN 1 THEN concat_ws(' ', 'alias', encode(s.successor, 'hex'), s.laid_at, s.grace_until, s.commits,
      encode(s.sealed_token, 'hex'))
    WHEN 2 THEN concat_ws(' ', 'tombstone', s.laid_at, COALESCE(s.id, ''), s.commits, s.reason)
    ELSE 'kind ' || s.kind
  END) AS answer`
}

/** An answer, split up: whose it is, what time it was in the database, and the words for what is there. */
export interface AnswerParts {
  readonly keyHex: string
  readonly now: number
  readonly words: readonly string[]
}

export function partsOf(row: Row | undefined): AnswerParts {
  if (row === undefined) throw new TypeError('Postgres answered a look with no row, although it always has one.')
  const [keyHex = '', now, ...words] = String(row['answer']).split(' ')
  return { keyHex, now: Number(now), words }
}

/** Reads what lies under a key. */
export function readAnswer(words: readonly string[], key: string): LoadResult {
  switch (words[0]) {
    case undefined:
      return { outcome: 'absent', key }
    case 'record':
      return { outcome: 'found', ...foundIn(words, key) }
    case 'alias':
      return { outcome: 'moved', key, alias: aliasIn(words) }
    case 'tombstone':
      return { outcome: 'ended', key, tombstone: tombstoneIn(words) }
    default:
      throw new TypeError(
        `A row of ${words.join(' ')} lies in the table of sessions, which this release does not know.`,
      )
  }
}

function foundIn(words: readonly string[], key: string): Found {
  const authenticatedAt = Number(words[8])
  const subject = words[10] ?? '-'
  const record: SessionRecord = {
    format: Number(words[3]),
    key,
    id: words[9] ?? '',
    revision: Number(words[2]),
    commits: words.slice(12),
    createdAt: Number(words[4]),
    absoluteAt: Number(words[5]),
    idleTimeout: Number(words[6]),
    persistent: words[7] === 't',
    subject: subject === '-' ? undefined : Buffer.from(subject, 'hex').toString('utf8'),
    authenticatedAt: authenticatedAt < 0 ? undefined : authenticatedAt,
    body: bytesOf(words[11] ?? ''),
  }
  return { key, record, idleUntil: Number(words[1]) }
}

function aliasIn([, successor, at, graceUntil, commitId = '', sealedToken]: readonly string[]): Alias {
  const alias = { successor: keyFromHex(successor), at: Number(at), graceUntil: Number(graceUntil), commitId }
  return sealedToken === undefined ? alias : { ...alias, sealedToken: bytesOf(sealedToken) }
}

function tombstoneIn([, at, id, commitId = '', ...reason]: readonly string[]): Tombstone {
  return { reason: reason.join(' ') as Tombstone['reason'], at: Number(at), id: id || undefined, commitId }
}

/** Not from the shared pool of small buffers: a record that is kept for long would keep 8 KiB alive. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(hex.length / 2)
  bytes.write(hex, 'hex')
  return bytes
}
