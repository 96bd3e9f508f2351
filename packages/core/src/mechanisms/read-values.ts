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

  /** Answers the names of values that were changed in place, which saves nothing. Costs an encoding for each that cannot be frozen. */
  mutated(): string[] {
    return [...this.#values]
      .filter(
        ([name, { value, bytes, isFrozen }]) => !isFrozen && !isSameBytes(encodeField(this.#codec, name, value), bytes),
      )
      .map(([name]) => name)
  }
}
