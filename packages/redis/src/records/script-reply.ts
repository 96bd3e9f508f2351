import type { Buffer } from 'node:buffer'

import type { Keyspace } from '../keyspace.ts'

/** The codes that scripts answer; each script says which it knows. */
export const DONE = 1
export const ABSENT = 2
export const EXISTS = 3
export const INDEX_FIRST = 4

/** What a script answered. */
export interface ScriptReply {
  /** The key that the answer is about, as the script saw it. */
  readonly key: string
  readonly code: number
  /** What lies under the key, where the script refused because of it. */
  readonly value: Buffer | null
  /** The header of the record that lay there before, where the script took it away. */
  readonly head: Buffer | null
}

/**
 * Reads the reply of a script that a verb sent. One that belongs to another question has another key, or none.
 *
 * @param asked the key that was asked about, where that is at hand: it saves making a text
 */
export function readReply(keyspace: Keyspace, reply: unknown, asked: string = ''): ScriptReply {
  if (!Array.isArray(reply)) return { key: '', code: ABSENT, value: null, head: null }
  const value = reply.length > 2 ? (reply[2] as Buffer | null) : null
  const head = reply.length > 3 ? (reply[3] as Buffer | null) : null
  return { key: keyspace.keyIn(reply[0], asked), code: Number(reply[1]), value, head }
}
