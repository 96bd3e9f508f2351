import assert from 'node:assert/strict'
import type { Alias, Found, OfferedRecord, SessionRecord, Tombstone } from '@holdfast/core'
import type { Trial } from './trial.ts'

interface Answer {
  readonly outcome: string
  readonly key: string
}

/** Asserts what an answer says, and that it is about the key that was asked for. */
export function assertOutcome<Given extends Answer, Outcome extends Given['outcome']>(
  answer: Given,
  outcome: Outcome,
  key: string,
): asserts answer is Extract<Given, { outcome: Outcome }> {
  assert.equal(answer.outcome, outcome, `the outcome must be '${outcome}' and is '${answer.outcome}'`)
  assert.equal(answer.key, key, `the answer must echo the key ${key} and echoes ${answer.key}`)
}

/** Asserts that two byte sequences are the same. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.ok(actual instanceof Uint8Array, 'a body must be a Uint8Array')
  assert.equal(actual.byteLength, expected.byteLength, 'a body must keep its length')
  assert.equal(Buffer.compare(actual, expected), 0, 'a body must come back byte for byte')
}

/** Asserts that a record came back as it was given: every header field, and the body byte for byte. */
export function assertRecord(actual: SessionRecord, offered: OfferedRecord): void {
  assert.deepEqual(headerOf(actual), headerOf(offered), 'the header of a record must come back as it was given')
  assertBytes(actual.body, offered.body)
}

/** Asserts that an answer shows the record, with the deadline it was offered or another one. */
export function assertFound(found: Found, offered: OfferedRecord, idleUntil: number = offered.idleUntil): void {
  assertRecord(found.record, offered)
  assert.equal(found.idleUntil, idleUntil, 'the idle deadline must be answered as it is kept')
}

/** Asserts that the store keeps the record as given, with the deadline it was offered or another one. */
export async function assertKept(trial: Trial, offered: OfferedRecord, idleUntil?: number): Promise<void> {
  const answer = await trial.load(offered.key)
  assertOutcome(answer, 'found', offered.key)
  assertFound(answer, offered, idleUntil)
}

/** Asserts that nothing lies under the key. */
export async function assertAbsent(trial: Trial, key: string): Promise<void> {
  assertOutcome(await trial.load(key), 'absent', key)
}

/** Asserts that the tombstone lies under the key. */
export async function assertEnded(trial: Trial, key: string, tombstone: Tombstone): Promise<void> {
  const answer = await trial.load(key)
  assertOutcome(answer, 'ended', key)
  assertTombstone(answer.tombstone, tombstone)
}

/** Asserts that the alias lies under the key. */
export async function assertMoved(trial: Trial, key: string, alias: Alias): Promise<void> {
  const answer = await trial.load(key)
  assertOutcome(answer, 'moved', key)
  assertAlias(answer.alias, alias)
}

/** Asserts that a tombstone came back as it was given. */
export function assertTombstone(actual: Tombstone, expected: Tombstone): void {
  const { reason, at, id, commitId } = actual
  assert.deepEqual({ reason, at, id, commitId }, expected, 'a tombstone must come back as it was given')
}

/** Asserts that an alias came back as it was given. */
export function assertAlias(actual: Alias, expected: Alias): void {
  const plain = ({ successor, at, graceUntil, commitId, sealedToken }: Alias): object => {
    const sealed = sealedToken === undefined ? undefined : Buffer.from(sealedToken).toString('hex')
    return { successor, at, graceUntil, commitId, sealed }
  }
  assert.deepEqual(plain(actual), plain(expected), 'an alias must come back as it was given')
}

function headerOf(record: SessionRecord): Omit<SessionRecord, 'body'> {
  const { format, key, id, revision, commits, createdAt, absoluteAt, idleTimeout, persistent } = record
  const { subject, authenticatedAt } = record
  const header = { format, key, id, revision, createdAt, absoluteAt, idleTimeout, persistent, subject, authenticatedAt }
  return { ...header, commits: [...commits] }
}
