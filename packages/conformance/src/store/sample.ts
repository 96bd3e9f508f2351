import { randomBytes } from 'node:crypto'
import type { Alias, OfferedRecord, Renewal, SessionRecord, Tombstone } from '@holdfast/core'

/** The idle length of a sample record that is not meant to end during its case. */
export const LONG_IDLE: number = 30 * 60_000

/** The idle length of a sample record that a case outlives: long enough for a slow store, short enough to wait for. */
export const SHORT_IDLE = 2_000

/** How long a sample record lives however busy it is. */
const ABSOLUTE: number = 8 * 3_600_000

/** How long the contract keeps tombstones, aliases without grace, and records past their end. */
export const RETENTION = 60_000

/** How many commit ids the contract lets a record carry. */
export const COMMITS_KEPT = 4

/** How many bytes the engine's sealed tokens have. A store must not rely on it. */
const SEALED_TOKEN = 53

/** Makes a key that was never used: 22 characters of base64url. */
export function randomKey(): string {
  return randomBytes(16).toString('base64url')
}

/** Makes a public name: 16 characters of base64url. */
export function randomId(): string {
  return randomBytes(12).toString('base64url')
}

/** Makes a commit id: 11 characters of base64url. */
export function randomCommitId(): string {
  return randomBytes(8).toString('base64url')
}

/** Makes an anonymous record that begins now, for `create`. */
export function sampleRecord(now: number, overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  const { idleTimeout = LONG_IDLE } = overrides
  return {
    format: 1,
    key: randomKey(),
    id: randomId(),
    revision: 1,
    commits: [randomCommitId()],
    createdAt: now,
    absoluteAt: now + ABSOLUTE,
    idleTimeout,
    idleUntil: now + idleTimeout,
    persistent: false,
    subject: undefined,
    authenticatedAt: undefined,
    body: randomBytes(40),
    ...overrides,
  }
}

/** Makes what an engine would write over a record: the next revision, with a new body and a commit id of its own. */
export function nextRecord(base: OfferedRecord, overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  return {
    ...base,
    revision: base.revision + 1,
    commits: [randomCommitId(), ...base.commits].slice(0, COMMITS_KEPT),
    body: randomBytes(40),
    ...overrides,
  }
}

/** Makes a tombstone that is laid now. */
export function sampleTombstone(now: number, overrides: Partial<Tombstone> = {}): Tombstone {
  return { reason: 'logout', at: now, id: undefined, commitId: randomCommitId(), ...overrides }
}

/** What a sample renewal may be told: how long the old key still leads on (then it holds a sealed token), and header fields that change with it. */
export interface SampleRenewalOptions {
  readonly grace?: number
  readonly record?: Partial<OfferedRecord>
}

/** Makes a renewal of the record, now, to a key that was never used. */
export function sampleRenewal(base: OfferedRecord, now: number, options: SampleRenewalOptions = {}): Renewal {
  const record = nextRecord(base, { key: randomKey(), body: base.body, ...options.record })
  const alias: Alias = {
    successor: record.key,
    at: now,
    graceUntil: now + (options.grace ?? 0),
    commitId: commitOf(record),
    ...(options.grace !== undefined && options.grace > 0 && { sealedToken: randomBytes(SEALED_TOKEN) }),
  }
  return { key: base.key, expected: base.revision, record, alias }
}

/** Tells the commit that made the record what it is. */
export function commitOf(record: SessionRecord): string {
  const [commitId] = record.commits
  if (commitId === undefined) throw new TypeError('A sample record carries the id of its own commit first.')
  return commitId
}
