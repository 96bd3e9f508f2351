import { deepFreeze } from './freeze.ts'

/** Stands for a value that cannot be frozen, so that each reader decodes one of its own. */
const UNSHARED = Symbol('unshared')

/** A value, and whether other requests may be shown the same one. */
export interface Decoded {
  readonly value: unknown
  readonly isFrozen: boolean
}

/** The values of one record that requests have read: each decoded once, frozen, and shown to all. */
export class SharedValues {
  #values: Map<string, unknown> | undefined

  /** What is known of a record that differs from this one in some fields. */
  without(changes: ReadonlyMap<string, unknown>): SharedValues {
    const rest = new SharedValues()
    for (const [name, value] of this.#values ?? []) if (!changes.has(name)) rest.#keep(name, value)
    return rest
  }

  #keep(name: string, value: unknown): void {
    this.#values ??= new Map()
    this.#values.set(name, value)
  }

  /** Answers a field's value if all may be shown it; `undefined` where it is not known, or has to be decoded anew. */
  shown(name: string): unknown {
    const known = this.#values?.get(name)
    return known === UNSHARED ? undefined : known
  }

  /** Answers a field's value; decodes it if nobody has, or if it cannot be frozen. */
  read(name: string, decode: () => unknown): Decoded {
    const known = this.#values?.get(name)
    if (known !== undefined && known !== UNSHARED) return { value: known, isFrozen: true }
    const value = decode()
    const isFrozen = deepFreeze(value)
    if (known === undefined) this.#keep(name, isFrozen ? value : UNSHARED)
    return { value, isFrozen }
  }
}
