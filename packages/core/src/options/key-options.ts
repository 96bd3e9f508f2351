/** The secrets that a program seals with. */
import { readKeyList, type KeyList } from '../mechanisms/keys/key-list.ts'
import type { KeySource, LoadKeys } from '../mechanisms/keys/key-ring.ts'
import type { Duration } from '../contracts/duration.ts'
import type { OptionReader } from './option-reader.ts'

/** Asks for keys again and again, so that they can be rotated without a restart. */
export interface KeyProvider {
  readonly load: LoadKeys
  /** How often it is asked, when requests need keys. @default '5m' */
  readonly every?: Duration
}

/** A list of secrets, the sealing one first; or where to ask for one. */
export type KeysOption = KeyList | LoadKeys | KeyProvider

const DEFAULT_EVERY = 300_000
const A_DAY = 86_400_000

/** Reads a `keys` option. Nothing that it says holds a secret. */
export function readKeys(reader: OptionReader, value: unknown, path: string): KeySource {
  if (typeof value === 'function') return { type: 'provider', load: value as LoadKeys, every: DEFAULT_EVERY }
  if (isProvider(value)) {
    reader.knownNames(value, ['load', 'every'], `${path}.`)
    const every = reader.length(`${path}.every`, value.every, DEFAULT_EVERY, A_DAY, 'Ask at least once a day.')
    return { type: 'provider', load: value.load as LoadKeys, every }
  }
  const { keys, problems } = readKeyList(value, path)
  for (const problem of problems) reader.reject(problem.path, problem.message)
  return { type: 'list', keys }
}

function isProvider(value: unknown): value is { readonly load: unknown; readonly every?: unknown } {
  return typeof value === 'object' && value !== null && typeof (value as Partial<KeyProvider>).load === 'function'
}
