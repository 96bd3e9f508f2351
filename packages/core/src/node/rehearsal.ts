import { ServerResponse, STATUS_CODES } from 'node:http'
import { Writable } from 'node:stream'
import { isUint8Array } from 'node:util/types'

import { type HeldResponse, isOutgoingMessage } from './held-response.ts'

/**
 * Runs Node's own methods on a stand-in that inherits the state of a response and keeps to itself what it changes, so
 * that a call which is put off throws at once what Node would have thrown.
 */
export class Rehearsal {
  readonly #response: HeldResponse
  readonly #standIn: HeldResponse

  constructor(response: HeldResponse) {
    this.#response = response
    this.#standIn = Object.create(response, OWN) as HeldResponse
  }

  /** Whether the head has been rendered. */
  get hasHead(): boolean {
    return this.#standIn._header !== null
  }

  /** Throws what Node would throw at this call. The response gets the status that Node would give it, even then. */
  run(method: 'writeHead' | 'write' | 'end', values: readonly unknown[]): void {
    try {
      Reflect.apply(ServerResponse.prototype[method], this.#standIn, values)
    } finally {
      this.#response.statusCode = this.#standIn.statusCode
      this.#response.statusMessage = this.#standIn.statusMessage
    }
  }
}

const OWN: PropertyDescriptorMap = {
  writeHead: { value: ServerResponse.prototype.writeHead },
  _implicitHeader: { value: Reflect.get(ServerResponse.prototype, '_implicitHeader') },
  _send: { value: () => true },
  _header: { value: null, writable: true },
  emit: { value: () => false },
  socket: { value: null },
}

/**
 * Throws Node's own error for a chunk that Node would refuse; otherwise does nothing. `native` must be Node's own
 * `write` or `end`, which look at the chunk before anything else.
 */
export function refuseChunk(
  response: HeldResponse,
  native: (...values: readonly unknown[]) => unknown,
  values: readonly unknown[],
): void {
  const [chunk, encoding] = values
  if (typeof chunk === 'string') {
    if (typeof encoding === 'string' && !Buffer.isEncoding(encoding)) new Writable().write(chunk, encoding as 'utf8')
  } else if (!isUint8Array(chunk)) {
    Reflect.apply(native, response, values)
  }
}

/** Throws Node's own error for a second `writeHead`. Wrappers below a gate would act before Node throws. */
export function refuseHead(response: HeldResponse, values: readonly unknown[]): unknown {
  if (!isOutgoingMessage(response)) return response
  return Reflect.apply(ServerResponse.prototype.writeHead, response, values)
}

/** Whether a `write` or `end` comes with something to send. */
export function hasChunk(method: 'write' | 'end', [chunk]: readonly unknown[]): boolean {
  return method === 'write' || (Boolean(chunk) && typeof chunk !== 'function')
}

/** Whether Node will certainly not refuse to render the header that the response has now. */
export function isPlainHead(response: HeldResponse): boolean {
  if (!isOutgoingMessage(response)) return true
  const { statusCode, statusMessage } = response
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 999) return false
  if (statusMessage && statusMessage !== STATUS_CODES[statusCode]) return false
  return response.getHeader('trailer') === undefined
}

/** Whether Node refuses some bodies of this response: options that a server or a handler must ask for. */
export function isStrict(response: HeldResponse): boolean {
  return response.strictContentLength === true || response.req?.socket?.server?.rejectNonStandardBodyWrites === true
}
