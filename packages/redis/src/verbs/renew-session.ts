/** `renew`: one script where both keys lie on one server, three careful steps where they do not. */
import type { Buffer } from 'node:buffer'

import type { Alias, OfferedRecord, RenewResult, Renewal } from '@holdfast/core'
import { RETENTION_MS } from '../retention.ts'
import { COMMIT_TEXT, pack } from '../records/packed-text.ts'
import { decodeRecord, encodePending, encodeRecord, packIdleTimeout, packRevision } from '../records/record-layout.ts'
import { encodeAlias, idleUntilOf } from '../records/remains-layout.ts'
import { ABSENT, DONE, EXISTS, type ScriptReply } from '../records/script-reply.ts'
import { SCRIPTS } from '../scripts/scripts.ts'
import { ask, askSettled, refused, type Parts } from './parts.ts'

/** How a session is renewed here. */
export type Renew = (parts: Parts, renewal: Renewal, commitId: string, signal: AbortSignal) => Promise<RenewResult>

/** Renews as one step: at no moment are both keys valid, or none. */
export const renewAtOnce: Renew = async (parts, { key, expected, record, alias }, commitId) => {
  const { index, keyspace, publisher } = parts
  const place = index.placeOf(record)
  const [old, fresh] = [keyspace.record(key), keyspace.record(record.key)]
  const reply = await ask(parts, SCRIPTS.renew, place === undefined ? [old, fresh] : [old, fresh, place.name], [
    pack(commitId, COMMIT_TEXT),
    encodeRecord(record),
    ...publisher.enclose({ type: 'renewed', key, successor: record.key }),
    packRevision(expected),
    encodeAlias(key, alias),
    keptFor(alias),
    ...(place?.values ?? []),
  ])
  if (reply.code === DONE) {
    parts.ends.noteRenewal(key, alias)
    dropFromIndex(parts, reply.key, reply.value)
  }
  return answer(parts, reply)
}

/**
 * Renews in steps, since the keys lie in different slots. The record is put under its new key as *pending*, which is
 * valid only once the old key leads there. Then the old key becomes the alias by comparing its revision: that one step
 * decides. Last the record is confirmed; should this process die before, the first to meet it does so.
 */
export const renewInSteps: Renew = async (parts, { key, expected, record, alias }, commitId, signal) => {
  const { index, keyspace, link, publisher, reader } = parts
  const place = index.placeOf(record)
  const fresh = keyspace.record(record.key)
  const commit = pack(commitId, COMMIT_TEXT)
  if (place !== undefined) await index.add(place)
  signal.throwIfAborted()
  const pending = [commit, encodePending(record, key), pendingFor(record, alias)]
  const { code: isPending } = await ask(parts, SCRIPTS.pending, [fresh], pending)
  signal.throwIfAborted()
  const reply = await askSettled(parts, () =>
    ask(
      parts,
      SCRIPTS.alias,
      [keyspace.record(key)],
      [
        commit,
        packRevision(isPending === DONE ? expected : NOBODYS_REVISION),
        encodeAlias(key, alias),
        keptFor(alias),
        packIdleTimeout(record.idleTimeout),
        record.idleUntil,
        record.absoluteAt,
      ],
    ),
  )
  if (reply.code === DONE && reply.value !== null) {
    publisher.follow({ type: 'renewed', key, successor: record.key })
    parts.ends.noteRenewal(key, alias)
    await reader.confirm(record.key, key, idleUntilOf(reply.value))
    dropFromIndex(parts, reply.key, reply.head)
    return { outcome: 'renewed', key: reply.key }
  }
  if (isPending === DONE) await link.run(SCRIPTS.discard, { keys: [fresh], values: [commit] })
  const refusal = await answer(parts, reply)
  const isExpected = refusal.outcome === 'conflict' && refusal.record.revision === expected
  return isPending !== DONE && isExpected ? { outcome: 'exists', key: reply.key } : refusal
}

/** No record has it, so that a renewal to a key in use changes nothing, and still learns how the old key stands. */
const NOBODYS_REVISION = 2 ** 48 - 1

function keptFor({ at, graceUntil }: Alias): number {
  return Math.ceil(Math.max(0, graceUntil - at)) + RETENTION_MS
}

/**
 * How long a pending record is kept. It must not be gone as long as the alias leads to it, nor outlive its idle deadline
 * by much: should its renewal be cut short, nobody has its token.
 */
function pendingFor({ idleUntil, idleTimeout }: OfferedRecord, alias: Alias): number {
  const idleFor = Math.max(idleTimeout, idleUntil - alias.at) + RETENTION_MS
  return Math.ceil(Math.min(idleFor, keptFor(alias))) + RETENTION_MS
}

async function answer(parts: Parts, reply: ScriptReply): Promise<RenewResult> {
  const { key, code } = reply
  if (code === DONE) return { outcome: 'renewed', key }
  if (code === EXISTS) return { outcome: 'exists', key }
  return code === ABSENT ? { outcome: 'absent', key } : refused(parts, reply)
}

/** The old key leads on from now on and never holds a record again. */
function dropFromIndex({ index }: Parts, key: string, head: Buffer | null): void {
  if (head !== null) index.remove(decodeRecord(key, head).record)
}
