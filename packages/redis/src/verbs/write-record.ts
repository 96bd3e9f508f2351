/** `create`, `update`, `touch` and `trim`. */
import type { CreateResult, OfferedRecord, StoreChange, Touch, Trim, UpdateResult, WriteCall } from '@holdfast/core'
import { ended, standingOf } from '../answers.ts'
import { encodeCall } from '../records/record-call.ts'
import { DONE, EXISTS, INDEX_FIRST, readReply } from '../records/script-reply.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import type { IndexPlace } from '../subject-index/subject-index.ts'
import { ask, isPending, refused, type Parts } from './parts.ts'

export async function create(
  parts: Parts,
  record: OfferedRecord,
  { signal, commitId }: WriteCall,
): Promise<CreateResult> {
  signal.throwIfAborted()
  const { census, ends, isCluster, index, keyspace, publisher } = parts
  const tombstone = ends.tombstoneOf(record.key)
  if (tombstone !== undefined) return ended(record.key, tombstone)
  if (record.countedBy !== undefined) await census.add(record, record.countedBy)
  const name = keyspace.record(record.key)
  const place = index.placeOf(record)
  if (isCluster && place !== undefined) await index.add(place)
  const enclosed = isCluster ? undefined : place
  const reply = await ask(parts, SCRIPTS.create, enclosed === undefined ? [name] : [name, enclosed.name], [
    encodeCall({ record, commitId, expected: 0, isIndexed: false, stamp: publisher.stamp() }),
    ...(enclosed?.values ?? []),
  ])
  const { key, code, value } = reply
  if (code === DONE) {
    publisher.follow(newsOf(record))
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
  { signal, commitId }: WriteCall,
): Promise<UpdateResult> {
  signal.throwIfAborted()
  const { census, ends, isCluster, index, keyspace, publisher, reader, scripts } = parts
  const tombstone = ends.tombstoneOf(record.key)
  if (tombstone !== undefined) return ended(record.key, tombstone)
  if (record.countedBy !== undefined) await census.add(record, record.countedBy)
  const name = keyspace.record(record.key)

  function send(isIndexed: boolean, enclosed: IndexPlace | undefined): Promise<unknown> {
    const call = encodeCall({ record, commitId, expected, isIndexed, stamp: publisher.stamp() })
    return scripts.run(
      SCRIPTS.update,
      enclosed === undefined
        ? { keys: [name], values: [call] }
        : { keys: [name, enclosed.name], values: [call, ...enclosed.values] },
    )
  }

  let reply = readReply(keyspace, await send(false, undefined), record.key)
  if (isPending(reply)) {
    await reader.settled(reply.key, reply.value)
    reply = readReply(keyspace, await send(false, undefined), record.key)
  }
  // Hardly any change is one that the index must be told of, and naming its place costs more than the whole call.
  const place = reply.code === INDEX_FIRST ? index.placeOf(record) : undefined
  if (place !== undefined) {
    if (isCluster) await index.add(place)
    reply = readReply(keyspace, await send(isCluster, isCluster ? undefined : place), record.key)
  }
  const { key, code } = reply
  if (code === DONE) {
    publisher.follow(newsOf(record))
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

function newsOf({ key, revision }: OfferedRecord): StoreChange {
  return { type: 'changed', key, revision }
}
