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

/** Reads the reply of a script that a verb sent. One that belongs to another question has another key, or none. */
export function readReply(keyspace: Keyspace, reply: unknown): ScriptReply {
  if (!Array.isArray(reply)) return { key: '', code: ABSENT, value: null, head: null }
  const [name, code, value = null, head = null] = reply as [unknown, number, (Buffer | null)?, (Buffer | null)?]
  return { key: keyspace.keyIn(name), code: Number(code), value, head }
}
