/** The options of the local cache. */
import { inspect } from 'node:util'

import type { Duration } from '../contracts/duration.ts'
import type { AnyStore } from '../contracts/store.ts'
import { isChangeFeed } from '../mechanisms/powers.ts'
import { COPY_BYTES, type CacheLimits } from '../mechanisms/record-cache.ts'
import type { OptionReader } from './option-reader.ts'

/** How much this process may remember of what the store holds. */
export interface CacheOptions {
  /**
   * Bytes that all copies may take together, as measured in the process. An opened copy is reckoned with 2048 bytes, 256 for
   * each field and four times its body; when bytes run short, those used last stay opened and the others are packed to
   * about their body and 400 bytes. At least 2048. @default 67_108_864
   */
  readonly maxBytes?: number
  /** How old a copy may be, however healthy the store's change feed; at most a minute. @default '5s' */
  readonly maxAge?: Duration
}

export const DEFAULT_CACHE: CacheLimits = Object.freeze({ maxBytes: 67_108_864, maxAge: 5000 })

/** Answers the limits that were asked for; `undefined` leaves it to what the store can do. */
export function readCache(
  reader: OptionReader,
  value: unknown,
  store: AnyStore | undefined,
): CacheLimits | false | undefined {
  if (value === undefined || value === false) return value
  const given = reader.object('cache', value) as CacheOptions
  reader.knownNames(given, ['maxBytes', 'maxAge'], 'cache.')
  if (store !== undefined && !isChangeFeed(store)) {
    reader.reject(
      'cache',
      `the store \`${store.name}\` tells of no changes, so that a copy of a session could outlive its logout. Leave the option out, or use a store with a change feed.`,
    )
  }
  return {
    maxBytes: readBytes(reader, given.maxBytes),
    maxAge: reader.length(
      'cache.maxAge',
      given.maxAge,
      DEFAULT_CACHE.maxAge,
      60_000,
      'It must be shorter than a tombstone lives, a minute.',
    ),
  }
}

function readBytes(reader: OptionReader, value: unknown): number {
  if (value === undefined) return DEFAULT_CACHE.maxBytes
  if (Number.isSafeInteger(value) && (value as number) >= COPY_BYTES) return value as number
  reader.reject(
    'cache.maxBytes',
    `${inspect(value)} is no number of bytes. Write a whole number, at least ${COPY_BYTES}; for no cache, \`cache: false\`.`,
  )
  return DEFAULT_CACHE.maxBytes
}
