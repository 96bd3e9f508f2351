import { ServerResponse } from 'node:http'

import type { HeldResponse } from './held-response.ts'

/** A method that makes the body of a response. */
export type BodyMethod = 'write' | 'end' | 'flushHeaders' | 'cork' | 'uncork'

/** The methods of a response that a gate stands before. */
export type GatedMethods = Required<Pick<HeldResponse, 'writeHead' | BodyMethod>>

const METHODS: unique symbol = Symbol('holdfast.methods')

const FIRST: unique symbol = Symbol('holdfast.first')

/** Whom the methods that a gate has put on a response ask. */
export interface GateKeeper {
  enterHead(values: readonly unknown[]): unknown
  enter(method: BodyMethod, values: readonly unknown[]): unknown
}

type GatedResponse = HeldResponse & { [METHODS]?: GateMethods; [FIRST]?: GateKeeper }

/** Those of the first gate of any response. They find it by the response, so that a request makes no functions. */
const SHARED: GatedMethods = {
  writeHead(this: GatedResponse, ...values) {
    return this[FIRST]!.enterHead(values)
  },
  write(this: GatedResponse, ...values) {
    return this[FIRST]!.enter('write', values) as boolean
  },
  end(this: GatedResponse, ...values) {
    return this[FIRST]!.enter('end', values)
  },
  flushHeaders(this: GatedResponse, ...values) {
    this[FIRST]!.enter('flushHeaders', values)
  },
  cork(this: GatedResponse, ...values) {
    this[FIRST]!.enter('cork', values)
  },
  uncork(this: GatedResponse, ...values) {
    this[FIRST]!.enter('uncork', values)
  },
}

/** A response that several engines stand before needs methods for each further one. */
function methodsOf(response: GatedResponse, keeper: GateKeeper): GatedMethods {
  if (response[FIRST] === undefined) {
    response[FIRST] = keeper
    return SHARED
  }
  return {
    writeHead: (...values) => keeper.enterHead(values),
    write: (...values) => keeper.enter('write', values) as boolean,
    end: (...values) => keeper.enter('end', values),
    flushHeaders: (...values) => void keeper.enter('flushHeaders', values),
    cork: (...values) => void keeper.enter('cork', values),
    uncork: (...values) => void keeper.enter('uncork', values),
  }
}

/** The methods that a gate has put on a response, and those that were there before. */
export class GateMethods {
  readonly inner: GatedMethods
  readonly #response: GatedResponse
  readonly #outer: GatedMethods
  readonly #below: GateMethods | undefined

  /** Puts the methods on the response. */
  constructor(response: HeldResponse, keeper: GateKeeper) {
    const outer = methodsOf(response, keeper)
    const { writeHead, write, end, flushHeaders = nothing, cork = nothing, uncork = nothing } = response
    this.inner = { writeHead, write, end, flushHeaders, cork, uncork }
    this.#response = response
    this.#outer = outer
    this.#below = this.#response[METHODS]
    this.#response[METHODS] = this
    // One by one: this is done for every request that uses its session, and `Object.assign` is ten times as slow.
    response.writeHead = outer.writeHead
    response.write = outer.write
    response.end = outer.end
    response.flushHeaders = outer.flushHeaders
    response.cork = outer.cork
    response.uncork = outer.uncork
    if (response.writeHeader !== undefined) response.writeHeader = outer.writeHead
  }

  /** Whether somebody has wrapped `writeHead` since. */
  get isHeadWrapped(): boolean {
    return this.#response.writeHead !== this.#outer.writeHead
  }

  /** Whether there is Node's own method below, or only other gates between it and this one. */
  isNode(method: 'writeHead' | 'write' | 'end'): boolean {
    const inner = this.inner[method]
    if (inner === ServerResponse.prototype[method]) return true
    return this.#below !== undefined && inner === this.#below.#outer[method] && this.#below.isNode(method)
  }

  /** Puts other methods in the place of those that the response has now, whoever has put them there. */
  replace(methods: Partial<GatedMethods>): void {
    Object.assign(this.#response, methods)
    if (methods.writeHead !== undefined && this.#response.writeHeader !== undefined) {
      this.#response.writeHeader = methods.writeHead
    }
  }

  /** Gives the response back what was there before, but where somebody has wrapped it since. */
  withdraw(): void {
    const response = this.#response
    const { inner } = this
    const outer = this.#outer
    if (response.writeHead === outer.writeHead) response.writeHead = inner.writeHead
    if (response.writeHeader === outer.writeHead) response.writeHeader = inner.writeHead
    if (response.write === outer.write) response.write = inner.write
    if (response.end === outer.end) response.end = inner.end
    if (response.flushHeaders === outer.flushHeaders) response.flushHeaders = inner.flushHeaders
    if (response.cork === outer.cork) response.cork = inner.cork
    if (response.uncork === outer.uncork) response.uncork = inner.uncork
  }

  callHead(values: readonly unknown[]): unknown {
    return Reflect.apply(this.inner.writeHead, this.#response, values)
  }

  call(method: BodyMethod, values: readonly unknown[]): unknown {
    return Reflect.apply(this.inner[method], this.#response, values)
  }
}

function nothing(): void {}
