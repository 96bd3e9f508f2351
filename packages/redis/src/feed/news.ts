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
  const numberAt = text.indexOf(' ') + 1
  const newsAt = text.indexOf(' ', numberAt) + 1
  if (numberAt === 0 || newsAt === 0) return undefined
  // Nearly all news are of this kind, so they alone are not split, which costs more than all else here.
  const news = text.startsWith('c ', newsAt) ? decodeChange(text, newsAt + 2) : decodeNews(text.slice(newsAt))
  if (news === undefined) return undefined
  return { publisher: text.slice(0, numberAt - 1), number: Number(text.slice(numberAt, newsAt - 1)), news }
}

/** Reads `<key> <revision>`, and whatever a newer version adds. */
function decodeChange(text: string, keyAt: number): News | undefined {
  const revisionAt = text.indexOf(' ', keyAt) + 1
  if (revisionAt === 0) return undefined
  const end = text.indexOf(' ', revisionAt)
  const revision = end < 0 ? text.slice(revisionAt) : text.slice(revisionAt, end)
  return { type: 'changed', key: text.slice(keyAt, revisionAt - 1), revision: Number(revision) }
}

function decodeNews(text: string): News | undefined {
  const [kind, first, second, ...rest] = text.split(' ')
  if (kind === '-') return { type: 'nothing' }
  if (first === undefined) return undefined
  if (kind === 'b') return { type: 'beat', count: Number(first), mark: second }
  if (second === undefined) return undefined
  if (kind === 'r') return { type: 'renewed', key: first, successor: second }
  if (kind !== 'e') return undefined
  return { type: 'ended', key: first, reason: rest.join(' '), id: second === '-' ? undefined : second }
}
