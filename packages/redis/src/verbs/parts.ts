import type { RenewResult, UpdateResult } from '@holdfast/core'
import { refusal } from '../answers.ts'
import type { Census } from '../census.ts'
import type { Link, ScriptRunner } from '../client/link.ts'
import type { KeptEnds } from '../ends/kept-ends.ts'
import type { Publisher } from '../feed/publisher.ts'
import type { Keyspace } from '../keyspace.ts'
import { PENDING } from '../records/record-layout.ts'
import { readReply, type ScriptReply } from '../records/script-reply.ts'
import type { Script } from '../scripts/script.ts'
import type { SubjectSessions } from '../subject-index/subject-index.ts'
import type { Argument } from '../client/redis-client.ts'
import type { RecordReader } from './record-reader.ts'

/** What the verbs share. */
export interface Parts {
  readonly isCluster: boolean
  readonly keyspace: Keyspace
  readonly link: Link
  /** Runs the scripts of a verb, perhaps on a connection of their own. */
  readonly scripts: ScriptRunner
  readonly publisher: Publisher
  readonly index: SubjectSessions
  readonly ends: KeptEnds
  readonly census: Census
  readonly reader: RecordReader
}

/** Runs a script about a record, and reads what it answered. */
export function ask(
  { keyspace, scripts }: Parts,
  script: Script,
  keys: readonly [string, ...string[]],
  values: readonly Argument[],
): Promise<ScriptReply> {
  return scripts.run(script, { keys, values }).then((reply) => readReply(keyspace, reply))
}

/** Says whether a script was refused by a record whose renewal must be settled first. */
export function isPending({ code, value }: ScriptReply): boolean {
  return code === 0 && value?.[0] === PENDING
}

/**
 * Asks by a script once more if it met a record that was pending, now that its renewal has been settled.
 */
export async function askSettled({ reader }: Parts, send: () => Promise<ScriptReply>): Promise<ScriptReply> {
  const reply = await send()
  if (!isPending(reply)) return reply
  await reader.settled(reply.key, reply.value)
  return send()
}

/** Answers for a script that refused because of what lies under the key. */
export async function refused(
  { reader }: Parts,
  { key, value }: ScriptReply,
): Promise<Extract<UpdateResult & RenewResult, { outcome: 'conflict' | 'moved' | 'ended' | 'absent' }>> {
  return refusal(key, await reader.settled(key, value))
}
