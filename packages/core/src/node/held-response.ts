import { mergeHeader } from './header-merge.ts'
import type { NodeResponse } from './node-types.ts'

type Method<Answer = unknown> = (...values: readonly unknown[]) => Answer

/** A response with what a gate uses of it beyond the published type. Members of `OutgoingMessage` are optional. */
export interface HeldResponse extends NodeResponse {
  writeHead: Method
  flushHeaders: Method<void>
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
  _removedConnection?: boolean
  _removedContLen?: boolean
  _removedTE?: boolean
  _implicitHeader?(): void
  _storeHeader?: Method
  [HOLD]?: Hold | undefined
}

/** One way in which a response is kept back: its header is fixed, or its body is queued too. */
export interface Hold {
  /** Whether the response has begun, so that the handler's changes come too late. */
  isStarted: boolean
  /** Whether `end` is among what is queued. */
  hasEnded: boolean
  /** Whether `write` has answered `false`. */
  needsDrain: boolean
  /** What was there before: another gate's, which put off a `writeHead`. */
  below: Hold | undefined
  /** Called before a header is added, when the handler has already passed its own. */
  beforeAppend(): void
}

const HOLD: unique symbol = Symbol('holdfast.hold')

/** Whether a response has begun, as the handler sees it: a gate holds it, or its headers have been sent. */
export function isResponseStarted(response: NodeResponse): boolean {
  const hold = (response as HeldResponse)[HOLD]
  return hold === undefined ? response.headersSent : hold.isStarted
}

/** Adds a header as {@link mergeHeader} has it, also to a response that a gate holds. */
export function appendResponseHeader(response: NodeResponse, name: string, value: string): void {
  const held = response as HeldResponse
  const add = (): unknown => held.setHeader(name, mergeHeader(name, held.getHeader(name), value))
  const hold = held[HOLD]
  if (hold === undefined) {
    add()
    return
  }
  uncovered(held, () => {
    for (let one: Hold | undefined = hold; one !== undefined; one = one.below) one.beforeAppend()
    add()
  })
}

/**
 * Makes a response look sent: `headersSent` is true, and `setHeader` and its kin throw Node's own errors. Answers what
 * undoes it. `finished` stays false, because `server.close()` destroys connections whose response has `finished`.
 */
export function cover(response: HeldResponse, hold: Hold): () => void {
  const below = response[HOLD]
  const header = response._header
  hold.below = below
  response[HOLD] = hold
  if (header === undefined) define(response, 'headersSent', () => response[HOLD] !== undefined)
  else response._header = header ?? `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n\r\n`
  return () => {
    response[HOLD] = below
    if (header !== undefined) response._header = header
  }
}

/** Makes a covered response look ended. */
export function coverEnd(response: HeldResponse): void {
  define(response, 'writableEnded', () => response[HOLD]?.hasEnded === true)
}

/** Makes a covered response look full. */
export function coverDrain(response: HeldResponse): void {
  define(response, 'writableNeedDrain', () => response[HOLD]?.needsDrain === true)
}

function uncovered(response: HeldResponse, action: () => void): void {
  const header = response._header
  if (header === undefined) return action()
  response._header = null
  try {
    action()
  } finally {
    response._header = header
  }
}

/** Puts a getter before the inherited one; it stays, since removing a property makes the object slow. */
function define(
  response: HeldResponse,
  name: 'headersSent' | 'writableEnded' | 'writableNeedDrain',
  isSo: () => boolean,
): void {
  if (Object.hasOwn(response, name)) return
  const native = Object.getPrototypeOf(response) as object
  Object.defineProperty(response, name, {
    configurable: true,
    get: () => isSo() || (Reflect.get(native, name, response) as boolean),
  })
}
