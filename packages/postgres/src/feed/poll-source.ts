import { setTimeout as delay } from 'node:timers/promises'
import type { StoreChange } from '@holdfast/core'
import type { SqlClient } from '../connection/sql-client.ts'
import { RETENTION } from '../retention.ts'
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

/** The shortest time after which a look is late. As long as it has not answered, the feed is detached. */
const SOONEST_LATE = 250

/** The shortest time that a look is waited for. Giving up costs a connection, and what is slow would be asked for more. */
const SHORTEST_PATIENCE = 1_000

/**
 * How long a look may be followed by another, in milliseconds. What was laid since lies in the table for twice as long:
 * the other half is for commits that came late.
 */
const LONGEST_GAP = RETENTION / 2

/** A look that succeeded, from which the next one goes on. */
interface Look {
  readonly snapshot: string
  /** When it was asked, in monotonic time. */
  readonly askedAt: number
  /** What time it was in the database, whose clock says when a sweep removes what was laid. */
  readonly databaseTime: number
}

/**
 * Hears of ends and renewals by looking, now and then, at what was laid by transactions that the look before could not
 * see. Snapshots tell that exactly: nothing is missed because its commit came late, and nothing is told twice.
 *
 * A look that fails, or whose answer comes after it was given up, has told nothing. So the next one goes on from the
 * last that succeeded, unless that is so long ago that a sweep may have removed what was laid since.
 */
export function pollSource({ client, statement, interval, monotonic }: PollSourceOptions): FeedSource {
  const lateAfter = Math.max(interval, SOONEST_LATE)
  const patience = Math.max(interval, SHORTEST_PATIENCE)
  let goodUntil = Number.NEGATIVE_INFINITY

  /** Asks for what the look before could not see; with none before, for a snapshot to begin with. */
  async function ask(voice: FeedVoice, before: Look | undefined, signal: AbortSignal): Promise<readonly Row[]> {
    const late = setTimeout(() => voice.become('detached'), lateAfter)
    late.unref()
    try {
      const patienceOver = AbortSignal.timeout(patience)
      return await client.query(statement, [before?.snapshot ?? null], AbortSignal.any([signal, patienceOver]))
    } finally {
      clearTimeout(late)
    }
  }

  async function look(voice: FeedVoice, latest: Look | undefined, signal: AbortSignal): Promise<Look> {
    const askedAt = monotonic()
    const before = latest !== undefined && askedAt - latest.askedAt <= LONGEST_GAP ? latest : undefined
    const rows = await ask(voice, before, signal)
    const found = { ...standingIn(rows[0]), askedAt }
    if (signal.aborted) return found
    if (voice.state === 'coherent' && goodUntil < monotonic()) voice.become('suspect')
    if (before !== undefined && follows(found, before)) {
      for (const row of rows) if (row['key'] !== null) voice.tell(changeIn(row))
      if (signal.aborted) return found // whoever was told has unsubscribed, and was the last
    } else voice.become('detached') // it begins anew
    goodUntil = askedAt + interval + lateAfter
    if (goodUntil >= monotonic()) voice.become('coherent')
    return found
  }

  async function run(voice: FeedVoice, signal: AbortSignal): Promise<void> {
    let latest: Look | undefined
    while (!signal.aborted) {
      try {
        latest = await look(voice, latest, signal)
      } catch {
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

/** Reads what every row says of the look itself. There is at least one. */
function standingIn(row: Row | undefined): Pick<Look, 'snapshot' | 'databaseTime'> {
  const snapshot = String(row?.['snapshot'])
  if (!/^\d+:\d+:/.test(snapshot)) throw new TypeError('Postgres answered a look of the feed with no snapshot.')
  return { snapshot, databaseTime: Number(row?.['now']) }
}

function changeIn(row: Row): StoreChange {
  const key = keyFromHex(row['key'])
  if (row['successor'] !== null) return { type: 'renewed', key, successor: keyFromHex(row['successor']) }
  const id = row['id'] === null ? undefined : String(row['id'])
  return { type: 'ended', key, reason: String(row['reason']), id }
}

/**
 * Whether a look has found all that was laid since the one before. It has not if the database was replaced by an older
 * one, nor if so much time passed there that a sweep may have been faster, whatever the clock of this process says.
 */
function follows(found: Look, before: Look): boolean {
  return !isEarlier(found.snapshot, before.snapshot) && found.databaseTime - before.databaseTime <= LONGEST_GAP
}

/** The second number of a snapshot is the first transaction that had not begun. It grows for the life of a database. */
function isEarlier(snapshot: string, before: string): boolean {
  return BigInt(snapshot.split(':')[1] ?? 0) < BigInt(before.split(':')[1] ?? 0)
}
