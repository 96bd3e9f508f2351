import { mergeHeader } from './header-merge.ts'
import type { NodeResponse } from './node-types.ts'

type Method<Answer = unknown> = (...values: readonly unknown[]) => Answer

/** A response with what a gate uses of it beyond the published type. Members of `OutgoingMessage` are optional. */
export interface HeldResponse extends NodeResponse {
  writeHead: Method
  flushHeaders?: Method<void>
  write: Method<boolean>
  end: Method
  cork?: Method<void>
  uncork?: Method<void>
  /** An old name of `writeHead`. */
  writeHeader?: Method
  addTrailers?(trailers: object): void
  getRawHeaderNames?(): string[]
  readonly writableHighWaterMark?: number
  readonly writableNeedDrain?: boolean
  strictContentLength?: boolean
  sendDate?: boolean
  readonly req?: { readonly socket?: { readonly server?: { readonly rejectNonStandardBodyWrites?: boolean } | null } }
  /** The rendered header. Node takes it for sent as soon as it is there, and so does everybody else. */
  _header?: string | null
  /** The rendered trailers. */
  _trailer?: string
  _removedConnection?: boolean
  _removedContLen?: boolean
  _removedTE?: boolean
  _implicitHeader?(): void
  _storeHeader?: Method
  [HOLD]?: Hold | undefined
  [INHERITED]?: object
}

/** Whether a response is one of `node:http`, rather than of the compatibility layer of `node:http2`. */
export function isOutgoingMessage(response: HeldResponse): boolean {
  return response._storeHeader !== undefined
}

const HOLD: unique symbol = Symbol('holdfast.hold')
const INHERITED: unique symbol = Symbol('holdfast.inherited')

/**
 * Makes a response look sent while it is not: `headersSent` is true, and `setHeader` and its kin throw Node's own errors.
 *
 * `finished` stays false, because `server.close()` destroys connections whose response has `finished`.
 */
export class Hold {
  /** Whether the response has begun, so that changes of the session come too late. */
  isStarted = false
  readonly #response: HeldResponse
  readonly #beforeAppend: () => void
  /** Another gate's, which has put off a `writeHead`. */
  readonly #below: Hold | undefined
  readonly #header: string | null
  #hasEnded = false
  #isFull = false

  /** @param beforeAppend is called before a header is added. */
  constructor(response: HeldResponse, beforeAppend: () => void) {
    this.#response = response
    this.#beforeAppend = beforeAppend
    this.#below = response[HOLD]
    this.#header = response._header ?? null
    response[HOLD] = this
    if (isOutgoingMessage(response)) {
      response._header ??= `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n\r\n`
    } else {
      define(response, 'headersSent')
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get needsDrain(): boolean {
    return this.#isFull && !this.#hasEnded && !this.#response.destroyed
  }

  /** Makes the response look ended. */
  end(): void {
    this.#hasEnded = true
    define(this.#response, 'writableEnded')
  }

  /** Makes the response look as if it had more to send than is good for it. */
  fill(): void {
    this.#isFull = true
    define(this.#response, 'writableNeedDrain')
  }

  /** Makes the response look as it is. */
  lift(): void {
    if (this.#response[HOLD] !== this) return
    this.#response[HOLD] = this.#below
    if (isOutgoingMessage(this.#response)) this.#response._header = this.#header
  }

  /** Adds a header although the response looks sent. */
  append(add: () => void): void {
    const response = this.#response
    const isOutgoing = isOutgoingMessage(response)
    const header = response._header ?? null
    if (isOutgoing) response._header = null
    try {
      this.#prepareAppend()
      add()
    } finally {
      if (isOutgoing) response._header = header
    }
  }

  #prepareAppend(): void {
    if (this.#below !== undefined) this.#below.#prepareAppend()
    this.#beforeAppend()
  }
}

/** Whether a response has begun, as the handler sees it: a gate holds it, or its headers have been sent. */
export function isResponseStarted(response: NodeResponse): boolean {
  const hold = (response as HeldResponse)[HOLD]
  return hold === undefined ? response.headersSent : hold.isStarted
}

/** Adds a header as {@link mergeHeader} has it, also to a response that a gate holds. Does nothing for nobody. */
export function appendResponseHeader(response: NodeResponse, name: string, value: string): void {
  // A client that has gone away must not make a commit fail that the store has acknowledged.
  if (response.destroyed) return
  const hold = (response as HeldResponse)[HOLD]
  if (hold === undefined) addHeader(response, name, value)
  else hold.append(() => addHeader(response, name, value))
}

function addHeader(response: NodeResponse, name: string, value: string): void {
  response.setHeader(name, mergeHeader(name, response.getHeader(name), value))
}

type Covered = 'headersSent' | 'writableEnded' | 'writableNeedDrain'

/**
 * Getters that stand before the inherited ones. They are the same functions for all responses, and stay once they are
 * there: anything else makes each response a class of its own to the JavaScript engine, which costs microseconds.
 */
const COVERS: Record<Covered, PropertyDescriptor> = {
  headersSent: coverOf('headersSent', (hold) => hold !== undefined),
  writableEnded: coverOf('writableEnded', (hold) => hold?.hasEnded === true),
  writableNeedDrain: coverOf('writableNeedDrain', (hold) => hold?.needsDrain === true),
}

function coverOf(name: Covered, isSo: (hold: Hold | undefined) => boolean): PropertyDescriptor {
  return {
    configurable: true,
    get(this: HeldResponse): unknown {
      return isSo(this[HOLD]) || Reflect.get(this[INHERITED]!, name, this)
    },
  }
}

function define(response: HeldResponse, name: Covered): void {
  if (Object.hasOwn(response, name)) return
  response[INHERITED] ??= Object.getPrototypeOf(response) as object
  Object.defineProperty(response, name, COVERS[name])
}
