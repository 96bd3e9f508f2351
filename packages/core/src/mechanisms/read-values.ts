import type { Codec } from '../contracts/codec.ts'
import { isSameBytes } from './body.ts'
import { decodeField, encodeField } from './fields.ts'
import type { OpenRecord } from './live.ts'
import { SharedValues } from './shared-values.ts'

interface ReadValue {
  readonly value: unknown
  readonly bytes: Uint8Array
  readonly isFrozen: boolean
}

/** The values that one request has read: each decoded once at most, and frozen as far as it can be. */
export class ReadValues {
  readonly #codec: Codec
  #values: Map<string, ReadValue> | undefined

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Answers the value of a field, always the same one for the same bytes. What `base` holds too is shared with others. */
  read(name: string, bytes: Uint8Array, base: OpenRecord | undefined): unknown {
    const known = this.#values?.get(name)
    if (known?.bytes === bytes) return known.value
    const values = base?.fields.get(name) === bytes ? base.values : new SharedValues()
    const decoded = values.read(name, () => decodeField(this.#codec, name, bytes, base?.record.id))
    // What is frozen and shared is the same the next time, and cannot have been changed.
    if (!decoded.isFrozen || values !== base?.values) (this.#values ??= new Map()).set(name, { ...decoded, bytes })
    return decoded.value
  }

  /**
   * Answers the names of values that were changed in place, which saves nothing. Costs an encoding for each that cannot
   * be frozen. `current` tells the bytes of a field now: what the request has given a new value is no longer looked at.
   */
  mutated(current: (name: string) => Uint8Array | undefined): string[] {
    return [...(this.#values ?? [])]
      .filter(([name, { bytes, isFrozen }]) => !isFrozen && isSameBytes(current(name), bytes))
      .filter(([name, { value, bytes }]) => !this.#encodesTo(name, value, bytes))
      .map(([name]) => name)
  }

  #encodesTo(name: string, value: unknown, bytes: Uint8Array): boolean {
    try {
      return isSameBytes(encodeField(this.#codec, name, value), bytes)
    } catch {
      return false
    }
  }
}
