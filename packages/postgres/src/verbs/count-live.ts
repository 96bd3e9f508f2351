import type { Countable } from '@holdfast/core'
import type { Tools } from './verbs.ts'

/** How many records one step goes through: a few milliseconds' worth. */
const STEP = 500

/** Counts records by what their bodies begin with. The cursor is the last key that was gone through, in hex. */
export function countVerb({ client, statements }: Tools): Countable['countLive'] {
  return async (beginning, after = '', { signal }) => {
    const [row] = await client.query(statements.count, [beginning, after, STEP], signal)
    const [count, passed, last] = [Number(row?.['counted']), Number(row?.['passed']), row?.['last']]
    if (!Number.isSafeInteger(count) || !Number.isSafeInteger(passed)) {
      throw new TypeError('Postgres answered a count with what is none, so it was thrown away.')
    }
    return { count, next: passed === STEP && typeof last === 'string' ? last : undefined }
  }
}
