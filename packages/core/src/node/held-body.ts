import { Buffer } from 'node:buffer'

import type { BodyMethod, GateMethods } from './gate-methods.ts'
import type { HeldResponse, Hold } from './held-response.ts'

type Callback = (error: unknown) => void

interface HeldCall {
  readonly method: BodyMethod
  readonly values: readonly unknown[]
}

/** What Node 20 uses where a response does not say. */
const HIGH_WATER_MARK = 16_384

/** Keeps the calls that make a body, answers them as Node would, and makes them later. */
export class HeldBody {
  readonly #response: HeldResponse
  readonly #hold: Hold
  #calls: HeldCall[] = []
  #bytes = 0
  #next = 0
  #isDrainOwed = false
  #trailer: string | undefined

  constructor(response: HeldResponse, hold: Hold) {
    this.#response = response
    this.#hold = hold
  }

  /** Whether a call that arrives now must wait behind others. */
  get isBusy(): boolean {
    // The `end` of a wrapper, and that of HTTP/2, may itself call `write`.
    return this.#next < this.#calls.length && this.#calls[this.#next - 1]?.method !== 'end'
  }

  /** Puts a call off and answers what Node would. */
  keep(method: BodyMethod, values: readonly unknown[]): unknown {
    this.#calls.push({ method, values })
    if (method === 'write') return this.#accepts(values)
    if (method !== 'end') return undefined
    if (!this.#hold.hasEnded) this.#trailer = this.#response._trailer
    this.#hold.end()
    return this.#response
  }

  /** Makes the calls in their order, after the head if there is one. An error destroys the response. */
  replay(methods: GateMethods, head: readonly unknown[] | undefined): void {
    if (this.#trailer !== undefined) this.#response._trailer = this.#trailer
    if (head !== undefined) this.#attempt(() => methods.callHead(head))
    while (this.#next < this.#calls.length) {
      const { method, values } = this.#calls[this.#next++]!
      const answer = this.#attempt(() => methods.call(method, values), values)
      if (method === 'write' && answer === false) this.#isDrainOwed = false
    }
    // A new one, since V8 takes longer to shorten a list.
    this.#calls = []
    if (this.#isDrainOwed) process.nextTick(() => this.#drain())
  }

  /** Lets go of the body and calls its callbacks with the error, once and in order. */
  drop(error: unknown): void {
    for (const { values } of this.#calls.splice(0)) dropCall(values, error)
  }

  #accepts(values: readonly unknown[]): boolean {
    if (this.#hold.hasEnded || this.#response.destroyed) return false
    this.#bytes += chunkLength(values)
    if (this.#bytes < (this.#response.writableHighWaterMark ?? HIGH_WATER_MARK)) return true
    this.#isDrainOwed = true
    this.#hold.fill()
    return false
  }

  #attempt(call: () => unknown, values: readonly unknown[] = []): unknown {
    try {
      return call()
    } catch (error) {
      dropCall(values, error)
      this.#response.destroy(error as Error)
      return undefined
    }
  }

  #drain(): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.emit('drain')
  }
}

/** Calls the callback of a `write` or `end` that will not be made. */
export function dropCall(values: readonly unknown[], error: unknown): void {
  const callback = values.slice(0, 3).find((value): value is Callback => typeof value === 'function')
  if (callback !== undefined) process.nextTick(callback, error)
}

function chunkLength([chunk, encoding]: readonly unknown[]): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding as BufferEncoding)
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0
}
