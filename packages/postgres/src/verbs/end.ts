import type { SessionStore } from '@holdfast/core'
import { keyBytes, keyOf } from '../statements/key-bytes.ts'
import { isTrue, whole } from '../statements/record-values.ts'
import { absent } from './look.ts'
import type { Tools } from './verbs.ts'

export function endVerb({ client, statements, channel }: Tools): SessionStore['end'] {
  return async (key, { reason, at, id, commitId }, { signal }) => {
    const bytes = keyBytes(key)
    const values = [bytes, reason, whole(at), id ?? null, commitId, channel]
    const [row] = await client.query(statements.end, values, signal)
    const echo = keyOf(row?.['key'], key, bytes)
    return isTrue(row?.['has_ended']) ? { outcome: 'ended', key: echo } : absent(echo)
  }
}
