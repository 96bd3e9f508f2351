import { randomBytes } from 'node:crypto'
import type { OfferedRecord, Renewal, SessionStore, StoreCall, Tombstone, WriteCall } from '@holdfast/core'

const HALF_AN_HOUR = 1_800_000

/** How long a call waits whose time is not what the test is about. */
const PATIENT = 10_000

/** Makes what comes with a call. The engine's wait for a quarter of a second. */
export function call(deadline: number = PATIENT): StoreCall {
  return { signal: AbortSignal.timeout(deadline) }
}

export function write(commitId: string, deadline?: number): WriteCall {
  return { ...call(deadline), commitId }
}

function commitId(): string {
  return randomBytes(8).toString('base64url')
}

/** Makes a record that nobody has yet. */
export function session(overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key: randomBytes(16).toString('base64url'),
    id: randomBytes(12).toString('base64url'),
    revision: 1,
    commits: [commitId()],
    createdAt: now,
    absoluteAt: now + 16 * HALF_AN_HOUR,
    idleTimeout: HALF_AN_HOUR,
    idleUntil: now + HALF_AN_HOUR,
    persistent: false,
    subject: undefined,
    authenticatedAt: undefined,
    body: randomBytes(400),
    ...overrides,
  }
}

/** Makes what follows the record: the next revision, by a commit of its own. */
export function next(record: OfferedRecord, overrides: Partial<OfferedRecord> = {}): OfferedRecord {
  const commits = [commitId(), ...record.commits].slice(0, 4)
  return { ...record, revision: record.revision + 1, commits, ...overrides }
}

/** A renewal; with a grace it leaves a sealed token, as one by age does. */
export function renewal(record: OfferedRecord, grace = 0): Renewal {
  const renewed = next(record, { key: randomBytes(16).toString('base64url') })
  const at = Date.now()
  const alias = {
    successor: renewed.key,
    at,
    graceUntil: at + grace,
    commitId: commitOf(renewed),
    ...(grace > 0 && { sealedToken: randomBytes(53) }),
  }
  return { key: record.key, expected: record.revision, record: renewed, alias }
}

export function tombstone(overrides: Partial<Tombstone> = {}): Tombstone {
  return { reason: 'logout', at: Date.now(), id: undefined, commitId: commitId(), ...overrides }
}

export function commitOf({ commits }: OfferedRecord): string {
  return commits[0] ?? ''
}

/** Creates a session in a store and ends it. Answers its key. */
export async function endedIn(store: SessionStore): Promise<string> {
  const record = session()
  await store.create(record, write(commitOf(record)))
  const laid = tombstone({ id: record.id })
  await store.end(record.key, laid, write(laid.commitId))
  return record.key
}
