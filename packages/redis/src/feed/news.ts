/**
 * Messages of the change feed: `<publisher> <number> <news>`. The news are
 *
 * - `c <key> <revision>`: created or updated
 * - `r <key> <successor>`: renewed
 * - `e <key> <id or -> <reason>`: ended
 * - `b <n> <mark>`: a heartbeat; its number is that of the publisher's latest message, and its mark that of the data.
 *   Versions before ADR 19 tell none
 * - `-`: nothing changed after all
 */
import type { StoreChange } from '@holdfast/core'

/** A heartbeat. Its mark is another one once the server has lost its data; `undefined` where it is not told. */
export interface Beat {
  readonly type: 'beat'
  readonly count: number
  readonly mark: string | undefined
}

/** What a message says. */
export type News = StoreChange | Beat | { readonly type: 'nothing' }

export interface FeedMessage {
  readonly publisher: string
  readonly number: number
  readonly news: News
}

export function encodeNews(change: StoreChange): string {
  if (change.type === 'changed') return `c ${change.key} ${change.revision}`
  if (change.type === 'renewed') return `r ${change.key} ${change.successor}`
  return `e ${change.key} ${change.id ?? '-'} ${change.reason}`
}

/** Reads a message; `undefined` for what is none, or is newer than this version. */
export function decodeMessage(text: string): FeedMessage | undefined {
  const [publisher, number, kind, ...rest] = text.split(' ')
  const news = kind === undefined ? undefined : decodeNews(kind, rest)
  if (publisher === undefined || news === undefined) return undefined
  return { publisher, number: Number(number), news }
}

function decodeNews(kind: string, [first, second, ...rest]: readonly string[]): News | undefined {
  if (kind === '-') return { type: 'nothing' }
  if (first === undefined) return undefined
  if (kind === 'b') return { type: 'beat', count: Number(first), mark: second }
  if (second === undefined) return undefined
  if (kind === 'c') return { type: 'changed', key: first, revision: Number(second) }
  if (kind === 'r') return { type: 'renewed', key: first, successor: second }
  if (kind !== 'e') return undefined
  return { type: 'ended', key: first, reason: rest.join(' '), id: second === '-' ? undefined : second }
}
