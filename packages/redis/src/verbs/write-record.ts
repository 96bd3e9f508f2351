/** `create`, `update`, `touch` and `trim`. */
import type { CreateResult, OfferedRecord, Touch, Trim, UpdateResult } from '@holdfast/core'
import { standingOf } from '../answers.ts'
import { encodeCall } from '../records/record-call.ts'
import { DONE, EXISTS, INDEX_FIRST, type ScriptReply } from '../records/script-reply.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import type { IndexPlace } from '../subject-index/subject-index.ts'
import { ask, askSettled, refused, type Parts } from './parts.ts'

export async function create(parts: Parts, record: OfferedRecord, commitId: string): Promise<CreateResult> {
  const { isCluster, index, keyspace, publisher } = parts
  const name = keyspace.record(record.key)
  const place = index.placeOf(record)
  const news = { type: 'changed', key: record.key, revision: record.revision } as const
  if (isCluster && place !== undefined) await index.add(place)
  const enclosed = isCluster ? undefined : place
  const reply = await ask(parts, SCRIPTS.create, enclosed === undefined ? [name] : [name, enclosed.name], [
    encodeCall({ record, commitId, expected: 0, isIndexed: false, stamp: publisher.stamp() }),
    ...(enclosed?.values ?? []),
  ])
  const { key, code, value } = reply
  if (code === DONE) {
    publisher.follow(news)
    return { outcome: 'created', key }
  }
  if (code === EXISTS) return { outcome: 'exists', key }
  const standing = standingOf(key, value)
  if (standing.kind === 'remains' && standing.answer.outcome === 'ended') return standing.answer
  return { outcome: 'exists', key }
}

export async function update(
  parts: Parts,
  record: OfferedRecord,
  expected: number,
  commitId: string,
): Promise<UpdateResult> {
  const { isCluster, index, keyspace, publisher } = parts
  const name = keyspace.record(record.key)
  const news = { type: 'changed', key: record.key, revision: record.revision } as const

  function send(isIndexed: boolean, enclosed: IndexPlace | undefined): Promise<ScriptReply> {
    return ask(parts, SCRIPTS.update, enclosed === undefined ? [name] : [name, enclosed.name], [
      encodeCall({ record, commitId, expected, isIndexed, stamp: publisher.stamp() }),
      ...(enclosed?.values ?? []),
    ])
  }

  // Hardly any change is one that the index must be told of, and naming its place costs more than the whole call.
  let reply = await askSettled(parts, () => send(false, undefined))
  const place = reply.code === INDEX_FIRST ? index.placeOf(record) : undefined
  if (place !== undefined) {
    if (isCluster) await index.add(place)
    reply = await send(isCluster, isCluster ? undefined : place)
  }
  const { key, code } = reply
  if (code === DONE) {
    publisher.follow(news)
    return { outcome: 'updated', key }
  }
  return code === 0 ? refused(parts, reply) : { outcome: 'absent', key }
}

export async function touch({ keyspace, link, ends }: Parts, touches: readonly Touch[]): Promise<void> {
  const calls = touches
    .filter(({ key }) => ends.tombstoneOf(key) === undefined)
    .map(({ key, idleUntil, idleTimeout }) => ({
      keys: [keyspace.record(key)] as const,
      values: [idleUntil, idleTimeout ?? ''],
    }))
  await link.runEach(SCRIPTS.touch, calls)
}

export async function trim({ keyspace, link }: Parts, trims: readonly Trim[]): Promise<void> {
  const calls = trims.map(({ key, until }) => ({ keys: [keyspace.record(key)] as const, values: [Math.ceil(until)] }))
  await link.runEach(SCRIPTS.trim, calls)
}
