import type { Trimmable } from '@holdfast/core'
import { keyBytes } from '../statements/key-bytes.ts'
import { whole } from '../statements/record-values.ts'
import type { Tools } from './verbs.ts'

export function trimVerb({ client, statements }: Tools): Trimmable['trim'] {
  return async (trims, { signal }) => {
    signal.throwIfAborted()
    if (trims.length === 0) return
    // As text, since clients differ in how they send arrays.
    const keys = trims.map(({ key }) => keyBytes(key).toString('hex'))
    const ends = trims.map(({ until }) => whole(until))
    await client.query(statements.trim, [keys.join(','), ends.join(',')], signal)
  }
}
