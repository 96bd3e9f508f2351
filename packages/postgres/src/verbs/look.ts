import type { Buffer } from 'node:buffer'

import type { Absent, LoadResult } from '@holdfast/core'
import { keyBytes, keyOf } from '../statements/key-bytes.ts'
import { partsOf, readAnswer } from '../statements/answer.ts'
import type { Tools } from './verbs.ts'

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
  const { keyHex, now, words } = partsOf(row)
  clock.learn(now, askedAt)
  return { answer: readAnswer(words, keyOf(keyHex, key, bytes)), now }
}

/** Whether the record that was found is past its deadline. */
export function isOver({ idleUntil }: { readonly idleUntil: number }, now: number): boolean {
  return idleUntil <= now
}

export function absent(key: string): Absent {
  return { outcome: 'absent', key }
}
