import type { Codec } from '../contracts/codec.ts'
import { isSameBytes } from './body.ts'
import { decodeField, encodeField } from './fields.ts'
import { deepFreeze } from './freeze.ts'

interface ReadValue {
  readonly value: unknown
  readonly bytes: Uint8Array
  readonly isFrozen: boolean
}

/** The values that one request has read: each decoded once, and frozen as far as it can be. */
export class ReadValues {
  readonly #codec: Codec
  readonly #values = new Map<string, ReadValue>()

  constructor(codec: Codec) {
    this.#codec = codec
  }

  read(name: string, bytes: Uint8Array, id: string | undefined): unknown {
    const known = this.#values.get(name)
    if (known?.bytes === bytes) return known.value
    const value = decodeField(this.#codec, name, bytes, id)
    this.#values.set(name, { value, bytes, isFrozen: deepFreeze(value) })
    return value
  }

  /**
   * Answers the names of values that were changed in place, which saves nothing. Costs an encoding for each that cannot
   * be frozen. `current` tells the bytes of a field now: what the request has given a new value is no longer looked at.
   */
  mutated(current: (name: string) => Uint8Array | undefined): string[] {
    return [...this.#values]
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
