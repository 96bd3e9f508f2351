import { randomBytes } from 'node:crypto'
import type { OfferedRecord } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { standingOf } from './answers.ts'
import { encodePending, encodeRecord } from './records/record-layout.ts'
import { encodeAlias, encodeTombstone } from './records/remains-layout.ts'

const text = (bytes: number): string => randomBytes(bytes).toString('base64url')

function record(key: string): OfferedRecord {
  const now = Date.now()
  return {
    format: 1,
    key,
    id: text(12),
    revision: 1,
    commits: [text(8)],
    createdAt: now,
    absoluteAt: now + 1_000,
    idleTimeout: 1_000,
    idleUntil: now + 1_000,
    persistent: false,
    subject: 'ann',
    authenticatedAt: now,
    body: randomBytes(200),
  }
}

const commitId = text(8)
const at = Date.now()
const KINDS: readonly (readonly [name: string, encode: (key: string) => Buffer])[] = [
  ['a record', (key) => encodeRecord(record(key))],
  ['a pending record', (key) => encodePending(record(key), text(16))],
  ['an alias', (key) => encodeAlias(key, { successor: text(16), at, graceUntil: at, commitId })],
  ['a tombstone', (key) => encodeTombstone(key, { reason: 'logout', at, id: text(12), commitId })],
]

describe.each(KINDS)('%s', (_, encode) => {
  it('is read under its own key only', () => {
    const [own, other] = [text(16), text(16)]
    expect(standingOf(own, encode(own))).not.toMatchObject({ kind: 'remains', answer: { outcome: 'absent' } })
    expect(standingOf(other, encode(own))).toMatchObject({ answer: { outcome: 'absent' } })
    expect(standingOf(other, encode(own))).not.toMatchObject({ answer: { key: other } })
  })

  it('is not read when its end was lost, wherever, and the next reply filled its place', () => {
    const [own, other] = [text(16), text(16)]
    const [lost, next] = [encode(own), encodeRecord(record(other))]
    for (let kept = 0; kept < lost.length; kept += 1) {
      const reply = Buffer.concat([lost.subarray(0, kept), Buffer.from(`$${next.length}\r\n`), next, next])
      const read = reply.subarray(0, lost.length)
      // One key in 256 ends as the next reply begins: where only that byte was lost, it is there again.
      if (read.equals(lost)) continue
      const standing = standingOf(own, read)
      expect(standing).toMatchObject({ kind: 'remains', answer: { outcome: 'absent' } })
      expect(standing).not.toMatchObject({ answer: { key: own } })
    }
  })
})
