import { setTimeout as delay } from 'node:timers/promises'
import type { StoreChange } from '@holdfast/core'
import type { SqlClient } from '../connection/sql-client.ts'
import { keyFromHex } from '../statements/key-bytes.ts'
import type { Row, Statement } from '../statements/statement.ts'
import type { FeedSource } from './feed.ts'
import type { FeedVoice } from './feed-voice.ts'

export interface PollSourceOptions {
  readonly client: SqlClient
  readonly statement: Statement
  readonly interval: number
  readonly monotonic: () => number
}

/** The shortest time that a look is waited for. A feed that is slower than this is of no use. */
const SHORTEST_PATIENCE = 250

/**
 * Hears of ends and renewals by looking, now and then, at what was laid by transactions that the look before could not
 * see. Snapshots tell that exactly: nothing is missed because its commit came late, and nothing is told twice.
 */
export function pollSource({ client, statement, interval, monotonic }: PollSourceOptions): FeedSource {
  const patience = Math.max(interval, SHORTEST_PATIENCE)
  let goodUntil = Number.NEGATIVE_INFINITY

  async function look(voice: FeedVoice, before: string | null, signal: AbortSignal): Promise<string> {
    const askedAt = monotonic()
    const patienceOver = AbortSignal.timeout(patience)
    const rows = await client.query(statement, [before], AbortSignal.any([signal, patienceOver]))
    const snapshot = String(rows[0]?.['snapshot'])
    if (signal.aborted) return snapshot
    if (before !== null && isEarlier(snapshot, before))
      throw new Error('The database has been replaced by an older one.')
    if (voice.state === 'coherent' && goodUntil < monotonic()) voice.become('suspect')
    for (const row of rows) if (row['key'] !== null) voice.tell(changeIn(row))
    goodUntil = askedAt + interval + patience
    voice.become('coherent')
    return snapshot
  }

  async function run(voice: FeedVoice, signal: AbortSignal): Promise<void> {
    let snapshot: string | null = null
    while (!signal.aborted) {
      try {
        snapshot = await look(voice, snapshot, signal)
      } catch {
        // What the next look will find is not known to be all: it begins anew.
        snapshot = null
        if (!signal.aborted) voice.become('detached')
      }
      await delay(interval * (0.75 + Math.random() / 4), undefined, { signal, ref: false }).catch(() => {})
    }
  }

  return {
    run,
    get goodUntil() {
      return goodUntil
    },
  }
}

function changeIn(row: Row): StoreChange {
  const key = keyFromHex(row['key'])
  if (row['successor'] !== null) return { type: 'renewed', key, successor: keyFromHex(row['successor']) }
  const id = row['id'] === null ? undefined : String(row['id'])
  return { type: 'ended', key, reason: String(row['reason']), id }
}

/** The second number of a snapshot is the first transaction that had not begun. It grows for the life of a database. */
function isEarlier(snapshot: string, before: string): boolean {
  return BigInt(snapshot.split(':')[1] ?? 0) < BigInt(before.split(':')[1] ?? 0)
}
