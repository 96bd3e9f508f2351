import type { Absent, Ended, LoadResult, Moved } from '@holdfast/core'
import { keyBytes, keyFromHex, keyOf } from '../statements/key-bytes.ts'
import { commitsIn, foundIn } from '../statements/record-row.ts'
import type { Row } from '../statements/statement.ts'
import type { Tools } from './verbs.ts'

const RECORD = 0
const ALIAS = 1
const TOMBSTONE = 2

/** What lies under a key, and what time it was in the database when it was looked at. */
export interface Look {
  readonly answer: LoadResult
  readonly now: number
}

/** Asks what lies under a key. It is how `load` answers, and how a refused write learns why. */
export async function look(
  { client, statements, clock }: Tools,
  key: string,
  signal: AbortSignal,
  bytes: Buffer = keyBytes(key),
): Promise<Look> {
  const askedAt = clock.monotonic()
  const [row] = await client.query(statements.load, [bytes], signal)
  if (row === undefined) throw new TypeError('Postgres answered a look with no row, although it always has one.')
  const now = Number(row['now'])
  clock.learn(now, askedAt)
  return { answer: answerIn(row, keyOf(row['key'], key, bytes)), now }
}

/** Whether the record that was found is past its deadline. */
export function isOver({ idleUntil }: { readonly idleUntil: number }, now: number): boolean {
  return idleUntil <= now
}

function answerIn(row: Row, key: string): LoadResult {
  const kind = row['kind']
  if (kind === null) return { outcome: 'absent', key }
  switch (Number(kind)) {
    case RECORD:
      return { outcome: 'found', ...foundIn(row, key) }
    case ALIAS:
      return movedIn(row, key)
    case TOMBSTONE:
      return endedIn(row, key)
    default:
      throw new TypeError(
        `A row of kind ${String(kind)} lies in the table of sessions, which this release does not know.`,
      )
  }
}

function movedIn(row: Row, key: string): Moved {
  const successor = keyFromHex(row['successor'])
  const [commitId = ''] = commitsIn(row)
  const [at, graceUntil] = [Number(row['laid_at']), Number(row['grace_until'])]
  return { outcome: 'moved', key, alias: { successor, at, graceUntil, commitId } }
}

function endedIn(row: Row, key: string): Ended {
  const [commitId = ''] = commitsIn(row)
  const id = row['id'] === null ? undefined : String(row['id'])
  const reason = String(row['reason']) as Ended['tombstone']['reason']
  return { outcome: 'ended', key, tombstone: { reason, at: Number(row['laid_at']), id, commitId } }
}

export function absent(key: string): Absent {
  return { outcome: 'absent', key }
}
