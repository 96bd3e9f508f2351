import { Buffer } from 'node:buffer'
import { ServerResponse, STATUS_CODES } from 'node:http'
import { Writable } from 'node:stream'
import { isUint8Array } from 'node:util/types'

import { type HeldResponse, isOutgoingMessage } from './held-response.ts'

/**
 * Runs Node's own methods on a copy of a response that keeps to itself what is written to it, so that a call which is
 * put off throws at once what Node would have thrown. The copy shares the headers that have been set, if there are any.
 */
export class Rehearsal {
  readonly #response: HeldResponse
  readonly #standIn: HeldResponse

  constructor(response: HeldResponse) {
    this.#response = response
    this.#standIn = { __proto__: Object.getPrototypeOf(response) as object, ...response, ...STAND_IN } as HeldResponse
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

const STAND_IN = {
  writeHead: ServerResponse.prototype.writeHead,
  _implicitHeader: Reflect.get(ServerResponse.prototype, '_implicitHeader') as unknown,
  _send: (): boolean => true,
  _header: null,
  emit: (): boolean => false,
  socket: null,
}

/** What a `writeHead` says, in whichever form. */
export interface HeadParts {
  readonly status: unknown
  readonly reason: unknown
  readonly headers: unknown
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

/** Whether Node will certainly render this head, and refuse nothing of it or of its body. */
export function isPlainHead(response: HeldResponse, { status, reason, headers }: HeadParts): boolean {
  if (!isOutgoingMessage(response)) return true
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 999) return false
  if (reason && reason !== STATUS_CODES[status] && !isText(reason)) return false
  // Whether trailers may be announced depends on how the body will be framed.
  if (response.getHeader('trailer') !== undefined || isStrict(response)) return false
  if (headers === undefined) return true
  return (
    typeof headers === 'object' && headers !== null && !Array.isArray(headers) && Object.entries(headers).every(isPlain)
  )
}

function isPlain([name, value]: readonly [string, unknown]): boolean {
  if (!TOKEN.test(name) || name.toLowerCase() === 'trailer') return false
  return Array.isArray(value) ? value.every(isText) : isText(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && TEXT.test(value))
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

/** Whether Node refuses some bodies of this response: options that a server or a handler must ask for. */
export function isStrict(response: HeldResponse): boolean {
  return response.strictContentLength === true || response.req?.socket?.server?.rejectNonStandardBodyWrites === true
}
