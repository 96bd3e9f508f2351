/** The verbs of a store, at several concurrencies. */
import { randomBytes } from 'node:crypto'

import type { OfferedRecord, SessionStore } from '@holdfast/core'

import { ONE_DAY } from '../contenders/contender.ts'
import { measureBatches } from './case.ts'

const BODY_LENGTH = 300
const KEPT = 1024

/** Adds measurements of load, update, touch and of a create with its end. */
export async function defineVerbs(name: string, store: SessionStore): Promise<void> {
  const { signal } = new AbortController()
  const records = Array.from({ length: KEPT }, newRecord)
  for (const record of records) await store.create(record, { signal, commitId: record.commits[0] ?? '' })
  let next = 0
  const turn = (): number => next++ % KEPT

  measureBatches(`${name}: load`, () => store.load(records[turn()]!.key, { signal }))
  measureBatches(`${name}: update`, async () => {
    const index = turn()
    const record = records[index]!
    const commitId = newCommitId()
    const changed = { ...record, revision: record.revision + 1, commits: [commitId, ...record.commits].slice(0, 4) }
    records[index] = changed
    return store.update(changed, record.revision, { signal, commitId })
  })
  measureBatches(`${name}: touch`, () => {
    const { key, idleUntil } = records[turn()]!
    return store.touch([{ key, idleUntil: idleUntil + next }], { signal })
  })
  measureBatches(`${name}: create and end`, async () => {
    const record = newRecord()
    const commitId = record.commits[0] ?? ''
    await store.create(record, { signal, commitId })
    const tombstone = { reason: 'logout', at: Date.now(), id: record.id, commitId: newCommitId() } as const
    return store.end(record.key, tombstone, { signal, commitId: tombstone.commitId })
  })
}

function newRecord(): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key: randomBytes(16).toString('base64url'),
    id: randomBytes(12).toString('base64url'),
    revision: 1,
    commits: [newCommitId()],
    createdAt: now,
    absoluteAt: now + ONE_DAY,
    idleTimeout: ONE_DAY / 2,
    idleUntil: now + ONE_DAY / 2,
    persistent: false,
    subject: undefined,
    authenticatedAt: undefined,
    body: randomBytes(BODY_LENGTH),
  }
}

function newCommitId(): string {
  return randomBytes(8).toString('base64url')
}
