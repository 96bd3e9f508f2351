import type { SessionStore } from '@holdfast/core'
import { keyBytes } from '../statements/key-bytes.ts'
import { whole } from '../statements/record-values.ts'
import type { Tools } from './verbs.ts'

const SEPARATOR = ','

export function touchVerb({ client, statements }: Tools): SessionStore['touch'] {
  return async (touches, { signal }) => {
    signal.throwIfAborted()
    if (touches.length === 0) return
    // As text, since clients differ in how they send arrays.
    const keys = touches.map(({ key }) => keyBytes(key).toString('hex'))
    const deadlines = touches.map(({ idleUntil }) => whole(idleUntil))
    const lengths = touches.map(({ idleTimeout }) => (idleTimeout === undefined ? '' : whole(idleTimeout)))
    const values = [keys, deadlines, lengths].map((list) => list.join(SEPARATOR))
    await client.query(statements.touch, values, signal)
  }
}
