/** Which handle belongs to which request of an engine. */
export interface Handles<Handle> {
  get(carrier: object): Handle | undefined
  set(carrier: object, handle: Handle): void
}

/**
 * Makes an empty table. The handle lies on the request itself, under a symbol that only this engine knows: a WeakMap of
 * all requests would cost the garbage collector more than the engine takes for the rest of a request.
 */
export function createHandles<Handle>(): Handles<Handle> {
  const own = Symbol('holdfast.handle')
  let others: WeakMap<object, Handle> | undefined
  return {
    get: (carrier) => (carrier as { [own]?: Handle })[own] ?? others?.get(carrier),
    set: (carrier, handle) => {
      try {
        // Sooner tried than asked for: `Object.isExtensible` costs more than the rest of this.
        ;(carrier as { [own]?: Handle })[own] = handle
      } catch {
        others ??= new WeakMap()
        others.set(carrier, handle)
      }
    },
  }
}
