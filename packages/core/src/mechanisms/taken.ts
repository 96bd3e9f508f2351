import { Buffer } from 'node:buffer'

import type { Codec } from '../contracts/codec.ts'
import { decodeField } from './fields.ts'

/** What is left of a field that changed after `take` returned its value. */
export interface Leftover {
  /** The field's encoded value from now on; `undefined`: none. */
  readonly rest: Uint8Array | undefined
  /** Whether everything that `take` returned was still there. */
  readonly hadAll: boolean
}

/** Removes the elements that `take` returned from a list that has changed since. Any other new value stays. */
export function withoutTaken(codec: Codec, name: string, current: Uint8Array | undefined, taken: Uint8Array): Leftover {
  const now = decodeField(codec, name, current, undefined)
  const then: unknown = codec.decode(taken)
  if (!Array.isArray(now) || !Array.isArray(then)) return { rest: current, hadAll: false }
  const fingerprint = (item: unknown): string => Buffer.from(codec.encode(item)).toString('latin1')
  const pending = new Map<string, number>()
  for (const print of then.map(fingerprint)) pending.set(print, (pending.get(print) ?? 0) + 1)
  const rest = now.filter((item) => {
    const print = fingerprint(item)
    const count = pending.get(print)
    if (count === undefined) return true
    if (count === 1) pending.delete(print)
    else pending.set(print, count - 1)
    return false
  })
  return { rest: rest.length === 0 ? undefined : codec.encode(rest), hadAll: pending.size === 0 }
}
