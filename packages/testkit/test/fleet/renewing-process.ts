/**
 * A process that renews sessions in several lanes until it is killed. Its parent hands it a {@link SharedStore} as the only
 * argument, and is told of every renewal before it begins.
 */
import { randomBytes } from 'node:crypto'
import type { OfferedRecord, Renewal } from '@holdfast/core'

import { openStore, type SharedStore } from './shared-store.ts'

/** A renewal that has begun, perhaps. */
export interface Announced {
  readonly subject: string
  readonly old: string
  readonly fresh: string
}

const HOUR = 3_600_000
const LANES = 8

const { store } = await openStore(JSON.parse(process.argv[2]!) as SharedStore)

function text(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

function begun(): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key: text(16),
    id: text(12),
    revision: 1,
    commits: [text(8)],
    createdAt: now,
    absoluteAt: now + 8 * HOUR,
    idleTimeout: HOUR,
    idleUntil: now + HOUR,
    persistent: false,
    subject: `user-${text(12)}`,
    authenticatedAt: now,
    body: randomBytes(400),
  }
}

/** As the engine renews by age: the old key leads on, with a sealed token, until the session's absolute end. */
function renewalOf(base: OfferedRecord): Renewal {
  const record = { ...base, key: text(16), revision: base.revision + 1, commits: [text(8), ...base.commits] }
  const [commitId = ''] = record.commits
  const alias = { successor: record.key, at: Date.now(), graceUntil: base.absoluteAt, commitId }
  return { key: base.key, expected: base.revision, record, alias: { ...alias, sealedToken: randomBytes(53) } }
}

function announce(announced: Announced): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(announced, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

async function renewForEver(): Promise<never> {
  for (;;) {
    const { signal } = new AbortController()
    const base = begun()
    const renewal = renewalOf(base)
    await store.create(base, { signal, commitId: base.commits[0]! })
    await announce({ subject: base.subject!, old: base.key, fresh: renewal.record.key })
    await store.renew(renewal, { signal, commitId: renewal.alias.commitId })
  }
}

process.on('disconnect', () => process.exit(0))
await Promise.all(Array.from({ length: LANES }, renewForEver))
