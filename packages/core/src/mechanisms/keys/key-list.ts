/** Reads lists of keys, from options and from providers alike. What it says of them never holds a secret. */
import type { OptionProblem } from '../../contracts/errors.ts'
import { type Key, keyFrom } from './key.ts'
import { weaknessOf } from './secret-strength.ts'

/** A secret, and from when on it seals. */
export interface KeyEntry {
  /** At least 32 characters that nobody can guess, such as `npx @holdfast/core keygen` prints. */
  readonly secret: string
  /**
   * The instant at which it begins to seal, in epoch milliseconds, as a `Date` or as an ISO 8601 text. Until then it
   * opens only. Choose one at which all processes will know the key. @default at once, if it is the first of the list
   */
  readonly sealsFrom?: number | string | Date
}

/** Keys in the order in which they seal: the first one whose time has come does. All of them open. */
export type KeyList = readonly (string | KeyEntry)[]

/** A key that is listed. */
export interface ListedKey {
  readonly key: Key
  /** In epoch milliseconds; `undefined`: nothing was said. */
  readonly sealsFrom: number | undefined
}

const NAMES: readonly string[] = ['secret', 'sealsFrom'] satisfies (keyof KeyEntry)[]
const LONGEST_NAME = 16
const MAKE_ONE = 'Make one by `npx @holdfast/core keygen`.'

/** Answers the keys of a list that are good, and what is wrong with the others. */
export function readKeyList(list: unknown, path: string): { keys: ListedKey[]; problems: OptionProblem[] } {
  const problems: OptionProblem[] = []
  const keys: ListedKey[] = []
  if (!Array.isArray(list) || list.length === 0) {
    problems.push({
      path,
      message: `it is no list of secrets with at least one in it. Write \`keys: [secret]\`. ${MAKE_ONE}`,
    })
    return { keys, problems }
  }
  const seen = new Map<string, number>()
  for (const [index, item] of list.entries()) {
    const at = `${path}[${index}]`
    const { secret, sealsFrom, ...others } = entryOf(item)
    const reject = (message: string): unknown => problems.push({ path: at, message })
    for (const name of Object.keys(others)) {
      // A longer one may be a secret.
      const such = name.length <= LONGEST_NAME ? ` as \`${name}\`` : ''
      reject(`there is no such member${such}; it has ${NAMES.join(', ')}.`)
    }
    if (typeof secret !== 'string') {
      reject(`its secret is no text but ${noText(secret)}`)
      continue
    }
    const weakness = weaknessOf(secret)
    if (weakness !== undefined) reject(`its secret ${weakness}. ${MAKE_ONE}`)
    const earlier = seen.get(secret)
    if (earlier !== undefined) reject(`its secret is that of \`${path}[${earlier}]\` again.`)
    seen.set(secret, index)
    const instant = instantOf(sealsFrom)
    if (Number.isNaN(instant)) reject('`sealsFrom` is no instant. Write epoch milliseconds, a `Date` or ISO 8601 text.')
    if (weakness === undefined && earlier === undefined) keys.push({ key: keyFrom(secret), sealsFrom: instant })
  }
  return { keys, problems }
}

function entryOf(item: unknown): { secret?: unknown; sealsFrom?: unknown } {
  const isEntry = typeof item === 'object' && item !== null && !Array.isArray(item) && !ArrayBuffer.isView(item)
  return isEntry ? item : { secret: item }
}

/** Says what stands where a text should, and what to do. */
function noText(value: unknown): string {
  if (value === undefined || value === null) return `${String(value)}. Is a variable of the environment unset?`
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}. Write it as text.`
}

/** Answers epoch milliseconds, or `NaN` for what is no instant. */
function instantOf(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  return value instanceof Date ? value.getTime() : Number.NaN
}
