/** What may happen to a session in the trial of an index. */
import { randomBytes } from 'node:crypto'
import type { OfferedRecord, Renewal } from '@holdfast/core'

import type { Dice } from './dice.ts'

/** `'orphan'`: a renewal that crashed half-way left a second record of a session, which nobody has the token of. */
export type Kind = 'create' | 'touch' | 'renew' | 'orphan' | 'end'

/** One change: the record that it goes on from, and the one that it makes. */
export interface Change {
  readonly kind: Kind
  readonly before: OfferedRecord | undefined
  readonly after: OfferedRecord | undefined
}

/** The shares of what happens; the rest are creates. */
const SHARES: readonly (readonly [kind: Exclude<Kind, 'create'>, share: number])[] = [
  ['touch', 0.1],
  ['renew', 0.12],
  ['orphan', 0.1],
  ['end', 0.08],
]
/** What the shortest life unused has of the longest. */
const SHORTEST = 0.2
/** How many lives unused a session has before its absolute end. */
const LIVES = 4

const SALT = randomBytes(16)
let drawn = 0

/** Answers a text of so many bytes that nobody else has drawn, without asking the system for each. */
export function text(bytes: number): string {
  const drawing = Buffer.from(SALT.subarray(0, bytes))
  drawing.writeUInt32BE(drawn++, bytes - 4)
  return drawing.toString('base64url')
}

/** Draws what happens next, to a session that lives if there is one. */
export function drawKind(dice: Dice): Kind {
  let rest = dice()
  for (const [kind, share] of SHARES) {
    if (rest < share) return kind
    rest -= share
  }
  return 'create'
}

export interface ChangeTerms {
  readonly now: number
  readonly subject: string
  readonly longestIdle: number
  readonly dice: Dice
}

/** Makes a change of that kind; without a session to change it is a create. */
export function changeOf(kind: Kind, before: OfferedRecord | undefined, terms: ChangeTerms): Change {
  const { now } = terms
  if (before === undefined || kind === 'create') return { kind: 'create', before: undefined, after: begun(terms) }
  const idleUntil = Math.min(Math.max(before.idleUntil, now + before.idleTimeout), before.absoluteAt)
  switch (kind) {
    case 'touch':
      return { kind, before, after: { ...before, idleUntil } }
    case 'renew':
      return {
        kind,
        before,
        after: { ...before, key: text(16), revision: before.revision + 1, commits: [text(8)], idleUntil },
      }
    case 'orphan':
      return { kind, before: undefined, after: { ...before, key: text(16), commits: [text(8)], idleUntil } }
    case 'end':
      return { kind, before, after: undefined }
  }
}

function begun({ now, subject, longestIdle, dice }: ChangeTerms): OfferedRecord {
  const idleTimeout = Math.ceil(longestIdle * (SHORTEST + (1 - SHORTEST) * dice()))
  return {
    format: 1,
    key: text(16),
    id: text(12),
    revision: 1,
    commits: [text(8)],
    createdAt: now,
    absoluteAt: now + LIVES * idleTimeout,
    idleTimeout,
    idleUntil: now + idleTimeout,
    persistent: false,
    subject,
    authenticatedAt: now,
    body: new Uint8Array(),
  }
}

/** Half of the renewals are by age, so that their aliases lead on. */
export function renewalOf(before: OfferedRecord, record: OfferedRecord, now: number): Renewal {
  const alias = { successor: record.key, at: now, graceUntil: now, commitId: record.commits[0]! }
  const isByAge = record.revision % 2 === 0
  return {
    key: before.key,
    expected: before.revision,
    record,
    alias: isByAge ? { ...alias, graceUntil: record.absoluteAt, sealedToken: new Uint8Array(randomBytes(53)) } : alias,
  }
}
