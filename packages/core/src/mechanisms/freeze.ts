/** A value as `get` answers it: objects and arrays cannot be changed, at any depth. */
export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends Map<infer Key, infer Item>
    ? ReadonlyMap<DeepReadonly<Key>, DeepReadonly<Item>>
    : T extends Set<infer Item>
      ? ReadonlySet<DeepReadonly<Item>>
      : T extends Date | ArrayBuffer | ArrayBufferView | ((...args: never[]) => unknown)
        ? T
        : T extends object
          ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> }
          : T

/**
 * Freezes the plain objects and arrays of a decoded value.
 *
 * Answers whether all of it is frozen: a Date, Map, Set or typed array cannot be.
 */
export function deepFreeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    Object.freeze(value)
    return value.map(deepFreeze).every(Boolean)
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    if (value instanceof Map) for (const item of [...value.keys(), ...value.values()]) deepFreeze(item)
    if (value instanceof Set) for (const item of value) deepFreeze(item)
    return false
  }
  Object.freeze(value)
  return Object.values(value).map(deepFreeze).every(Boolean)
}
