/** Checks that a store's answer is one that the contract allows, and that it is about the key that was asked for. */
import { StoreError } from '../contracts/errors.ts'
import type { SessionRecord } from '../contracts/record.ts'
import type { LiveCount, SubjectListing } from '../contracts/store.ts'

export type StoreVerb = 'load' | 'create' | 'update' | 'touch' | 'renew' | 'end'

const OUTCOMES: Readonly<Record<Exclude<StoreVerb, 'touch'>, readonly string[]>> = {
  load: ['found', 'moved', 'ended', 'absent'],
  create: ['created', 'exists', 'ended'],
  update: ['updated', 'conflict', 'moved', 'ended', 'absent'],
  renew: ['renewed', 'conflict', 'moved', 'ended', 'absent', 'exists'],
  end: ['ended', 'absent'],
}

/**
 * @throws StoreError `ERR_STORE_MISMATCH` for an answer about another key, `ERR_STORE_ANSWER` for anything that is
 *   no answer. A write's outcome is unknown then.
 */
export function checkAnswer(store: string, verb: Exclude<StoreVerb, 'touch'>, key: string, answer: unknown): void {
  const isOutcomeUnknown = verb !== 'load'
  if (!isObject(answer) || !OUTCOMES[verb].includes(answer['outcome'] as string)) {
    throw new StoreError('ERR_STORE_ANSWER', `The store \`${store}\` answered \`${verb}\` with no known outcome.`, {
      isOutcomeUnknown,
    })
  }
  const record = answer['record']
  if (answer['key'] !== key || (isObject(record) && record['key'] !== key)) {
    throw new StoreError(
      'ERR_STORE_MISMATCH',
      `The store \`${store}\` answered \`${verb}\` for another key than the one asked for. The answer was thrown away.`,
      { isOutcomeUnknown },
    )
  }
  if (!isComplete(verb, answer)) {
    throw new StoreError('ERR_STORE_ANSWER', `The store \`${store}\` answered \`${verb}\` incompletely.`, {
      isOutcomeUnknown,
    })
  }
}

/** Answers a listing that is one, of that subject alone. @throws StoreError `ERR_STORE_ANSWER`, `ERR_STORE_MISMATCH` */
export function checkListing(store: string, subject: string, listing: SubjectListing): SubjectListing {
  const { sessions, next } = (listing as SubjectListing | undefined) ?? {}
  const isListing =
    Array.isArray(sessions) &&
    sessions.every((found) => isObject(found) && isRecord(found['record']) && isInstant(found['idleUntil'])) &&
    (next === undefined || typeof next === 'string')
  if (!isListing) throw new StoreError('ERR_STORE_ANSWER', `The store \`${store}\` answered with no listing.`)
  if (listing.sessions.every(({ key, record }) => record.subject === subject && record.key === key)) return listing
  throw new StoreError(
    'ERR_STORE_MISMATCH',
    `The store \`${store}\` listed sessions of another subject than the one asked for. The answer was thrown away.`,
  )
}

/** Answers a step of a count that is one. @throws StoreError `ERR_STORE_ANSWER` */
export function checkCount(store: string, answer: LiveCount): LiveCount {
  const { count, next } = (answer as LiveCount | undefined) ?? {}
  if (Number.isSafeInteger(count) && count! >= 0 && (next === undefined || typeof next === 'string')) return answer
  throw new StoreError('ERR_STORE_ANSWER', `The store \`${store}\` answered with no count.`)
}

/** Answers a generation that is one. @throws StoreError `ERR_STORE_ANSWER` */
export function checkGeneration(store: string, generation: unknown, least = 0): number {
  if (Number.isSafeInteger(generation) && (generation as number) >= least) return generation as number
  throw new StoreError('ERR_STORE_ANSWER', `The store \`${store}\` answered with no generation.`)
}

function isComplete(verb: StoreVerb, answer: Record<string, unknown>): boolean {
  switch (answer['outcome']) {
    case 'found':
    case 'conflict':
      return isRecord(answer['record']) && isInstant(answer['idleUntil'])
    case 'moved':
      return isObject(answer['alias']) && typeof answer['alias']['successor'] === 'string'
    case 'ended':
      return verb === 'end' || (isObject(answer['tombstone']) && typeof answer['tombstone']['reason'] === 'string')
    default:
      return true
  }
}

/** Only what every format has: a newer one may have changed the rest. */
function isRecord(value: unknown): value is SessionRecord {
  return (
    isObject(value) &&
    Number.isSafeInteger(value['format']) &&
    Number.isSafeInteger(value['revision']) &&
    typeof value['id'] === 'string' &&
    Array.isArray(value['commits']) &&
    isInstant(value['createdAt']) &&
    isInstant(value['absoluteAt']) &&
    isInstant(value['idleTimeout']) &&
    (value['subject'] === undefined || typeof value['subject'] === 'string') &&
    // Not `instanceof`: a `vm` context, and so Jest, has a Uint8Array of its own.
    ArrayBuffer.isView(value['body'])
  )
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
