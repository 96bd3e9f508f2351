/** What is done to bodies before a store gets them: compression and sealing. */
import { inspect } from 'node:util'

import type { KeySource } from '../mechanisms/keys/key-ring.ts'
import { type KeysOption, readKeys } from './key-options.ts'
import type { OptionReader } from './option-reader.ts'

/** Seals records, so that who reads the store does not learn what is in them, and who writes to it cannot change them. */
export interface SealOptions {
  /** The secrets: the first one seals, all open. Or a provider that is asked for them. */
  readonly keys: KeysOption
  /**
   * Keeps apart what lies in different places under the same keys. Name one before you move records to another store.
   *
   * @default the store's own: the prefix in Redis, schema and table in Postgres
   */
  readonly prefix?: string
  /** Whether records are read that nobody has sealed, while sealing is being introduced. @default false */
  readonly acceptUnsealed?: boolean
}

/** Compresses large records. */
export interface CompressOptions {
  /** From what size on, in bytes, or as text such as `'4kb'`. @default '4kb' */
  readonly above?: number | `${number}kb`
}

export interface EnvelopeSettings {
  readonly seal: SealSettings | undefined
  /** Bytes from which on bodies are compressed; `undefined`: none. */
  readonly compressAbove: number | undefined
}

export interface SealSettings {
  readonly source: KeySource
  /** `undefined`: that of the store. */
  readonly prefix: string | undefined
  readonly acceptsUnsealed: boolean
}

const DEFAULT_ABOVE = 4096
/** Less cannot become smaller by more than the frame takes. */
const LEAST_ABOVE = 256

/** Reads `seal` and `compress`. */
export function readEnvelope(
  reader: OptionReader,
  { seal, compress }: { readonly seal?: unknown; readonly compress?: unknown },
): EnvelopeSettings {
  return {
    seal: seal === undefined ? undefined : readSeal(reader, seal),
    compressAbove: compress === undefined || compress === false ? undefined : readCompress(reader, compress),
  }
}

function readSeal(reader: OptionReader, value: unknown): SealSettings {
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value)
  const given = reader.object('seal', value, 'seal: { keys: [secret] }')
  reader.knownNames(given, ['keys', 'prefix', 'acceptUnsealed'], 'seal.')
  const { prefix } = given
  if (prefix !== undefined && typeof prefix !== 'string') reader.reject('seal.prefix', 'it is no text.')
  return {
    source: isGroup ? readKeys(reader, given['keys'], 'seal.keys') : { type: 'list', keys: [] },
    prefix: prefix as string | undefined,
    acceptsUnsealed: reader.oneOf('seal.acceptUnsealed', given['acceptUnsealed'], [true, false], false),
  }
}

function readCompress(reader: OptionReader, value: unknown): number {
  const given = reader.object('compress', value, "compress: { above: '4kb' }")
  reader.knownNames(given, ['above'], 'compress.')
  const { above } = given
  if (above === undefined) return DEFAULT_ABOVE
  const bytes = typeof above === 'string' ? Number(/^(\d+)kb$/i.exec(above)?.[1]) * 1024 : above
  if (Number.isSafeInteger(bytes) && (bytes as number) >= LEAST_ABOVE) return bytes as number
  reader.reject(
    'compress.above',
    `${inspect(above)} is no size. Write a number of bytes, at least ${LEAST_ABOVE}, or text such as '4kb'.`,
  )
  return DEFAULT_ABOVE
}
