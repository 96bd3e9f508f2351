/** The kinds of payload that a reply of Fastify may have, besides text and bytes. */

/** A stream of `node:stream`, or one that looks like it. */
interface NodeStream {
  on(event: 'error', listener: () => void): unknown
  destroy?(): unknown
}

export function isStream(payload: unknown): payload is NodeStream {
  return hasMethod(payload, 'pipe') && hasMethod(payload, 'on')
}

export function isResponse(payload: unknown): payload is Response {
  return typeof payload === 'object' && Object.prototype.toString.call(payload) === '[object Response]'
}

function isWebStream(payload: unknown): payload is ReadableStream {
  return hasMethod(payload, 'getReader')
}

/** Lets go of what a payload that is not sent after all holds. */
export function destroyPayload(payload: unknown): void {
  if (isStream(payload)) payload.destroy?.()
  else if (isWebStream(payload)) payload.cancel().catch(ignore)
  else if (isResponse(payload)) destroyPayload(payload.body)
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

function ignore(): void {}
