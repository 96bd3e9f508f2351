/** `end`: from the far end of the chain of aliases, so that an old key is closed once nothing lives under a newer one. */
import type { Buffer } from 'node:buffer'

import type { EndResult, Tombstone } from '@holdfast/core'
import { RETENTION_MS } from '../retention.ts'
import { standingOf } from '../answers.ts'
import { COMMIT_TEXT, pack } from '../records/packed-text.ts'
import { decodeRecord } from '../records/record-layout.ts'
import { decodeTombstone, encodeTombstone } from '../records/remains-layout.ts'
import { DONE } from '../records/script-reply.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import { ask, type Parts } from './parts.ts'

/** A chain of aliases is as long as a session has been renewed within a minute or its grace. */
const LONGEST_CHAIN = 1_000

export async function end(parts: Parts, key: string, tombstone: Tombstone, length = 0): Promise<EndResult> {
  const first = await lay(parts, key, tombstone, '')
  const standing = first.value === null ? undefined : standingOf(first.key, first.value)
  if (standing === undefined) return answer(first.key, first.hasEnded)
  if (standing.kind === 'pending') {
    await parts.reader.settled(key, standing.bytes)
    // Still pending: its renewal has not taken place, nobody knows its token, and it is closed like any other key.
    const again = await lay(parts, key, tombstone, '')
    const closed = again.value === null ? again : await lay(parts, key, tombstone, '0')
    return answer(closed.key, closed.hasEnded)
  }
  let hasEnded = false
  if (standing.kind === 'remains' && standing.answer.outcome === 'moved' && length < LONGEST_CHAIN) {
    const { outcome } = await end(parts, standing.answer.alias.successor, tombstone, length + 1)
    hasEnded = outcome === 'ended'
  }
  const last = await lay(parts, key, tombstone, hasEnded ? '1' : '0')
  return answer(last.key, last.hasEnded)
}

interface Laid {
  readonly key: string
  readonly hasEnded: boolean
  /** What lies there instead of the tombstone. */
  readonly value: Buffer | null
}

async function lay(parts: Parts, key: string, tombstone: Tombstone, closing: '' | '0' | '1'): Promise<Laid> {
  const { ends, index, keyspace, publisher } = parts
  const { reason, id } = tombstone
  const news = { type: 'ended', key, reason, id } as const
  const reply = await ask(
    parts,
    SCRIPTS.end,
    [keyspace.record(key)],
    [
      pack(tombstone.commitId, COMMIT_TEXT),
      encodeTombstone(key, tombstone),
      ...publisher.enclose(news),
      closing,
      RETENTION_MS,
    ],
  )
  if (reply.code !== 0) {
    publisher.follow(news)
    ends.noteEnd(key, reply.head === null ? tombstone : decodeTombstone(reply.head))
    if (reply.value !== null) index.remove(decodeRecord(key, reply.value).record)
  }
  return { key: reply.key, hasEnded: reply.code === DONE, value: reply.code === 0 ? reply.value : null }
}

function answer(key: string, hasEnded: boolean): EndResult {
  return hasEnded ? { outcome: 'ended', key } : { outcome: 'absent', key }
}
