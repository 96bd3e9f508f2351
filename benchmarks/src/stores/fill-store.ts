/** Puts records of sessions that nobody asks for into a store, past the engine and past HTTP. */
import { randomBytes } from 'node:crypto'

import type { OfferedRecord, SessionStore } from '@holdfast/core'

import { ONE_DAY, type StoreKind } from '../../contenders/contender.ts'
import { openStore } from '../../contenders/holdfast/open-store.ts'
import type { StoreUrls } from '../contender-process.ts'

const WRITERS = 64
const BODY_LENGTH = 300

/** Adds that many records. */
export async function fillStore(kind: StoreKind, urls: StoreUrls, count: number): Promise<void> {
  if (count <= 0) return
  const { store, close } = await openStore({ store: kind, ...urls })
  try {
    await createRecords(store, count)
  } finally {
    await close()
  }
}

async function createRecords(store: SessionStore, count: number): Promise<void> {
  const { signal } = new AbortController()
  let begun = 0
  const work = async (): Promise<void> => {
    while (begun++ < count) {
      const commitId = randomBytes(8).toString('base64url')
      const { outcome } = await store.create(recordOf(commitId), { signal, commitId })
      if (outcome !== 'created') throw new Error(`A record could not be created: ${outcome}.`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, work))
}

function recordOf(commitId: string): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key: randomBytes(16).toString('base64url'),
    id: randomBytes(12).toString('base64url'),
    revision: 1,
    commits: [commitId],
    createdAt: now,
    absoluteAt: now + ONE_DAY,
    idleTimeout: ONE_DAY,
    idleUntil: now + ONE_DAY,
    persistent: false,
    subject: `filler-${commitId}`,
    authenticatedAt: now,
    body: randomBytes(BODY_LENGTH),
  }
}
