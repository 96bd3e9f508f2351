import { randomBytes } from 'node:crypto'
import type { OfferedRecord, Renewal, StoreCall, Tombstone, WriteCall } from '@holdfast/core'

const HOUR = 3_600_000

export function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

export function call(): StoreCall {
  return { signal: new AbortController().signal }
}

export function write(commitId: string = randomText(8)): WriteCall {
  return { ...call(), commitId }
}

/** A record that begins now. */
export function someRecord(overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key: randomText(16),
    id: randomText(12),
    revision: 1,
    commits: [randomText(8)],
    createdAt: now,
    absoluteAt: now + 8 * HOUR,
    idleTimeout: HOUR / 2,
    idleUntil: now + HOUR / 2,
    persistent: false,
    subject: undefined,
    authenticatedAt: undefined,
    body: randomBytes(40),
    ...overrides,
  }
}

/** The record's next revision. */
export function nextOf(base: OfferedRecord, overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  const commits = [randomText(8), ...base.commits].slice(0, 4)
  return { ...base, revision: base.revision + 1, commits, body: randomBytes(40), ...overrides }
}

/** A renewal of the record to a new key; with a grace it leaves a sealed token, as one by age does. */
export function renewalOf(base: OfferedRecord, grace = 0): Renewal {
  const record = nextOf(base, { key: randomText(16) })
  const now = Date.now()
  const alias = {
    successor: record.key,
    at: now,
    graceUntil: now + grace,
    commitId: record.commits[0] ?? '',
    ...(grace > 0 && { sealedToken: new Uint8Array(randomBytes(53)) }),
  }
  return { key: base.key, expected: base.revision, record, alias }
}

export function someTombstone(overrides: Partial<Tombstone> = {}): Tombstone {
  return { reason: 'logout', at: Date.now(), id: undefined, commitId: randomText(8), ...overrides }
}
