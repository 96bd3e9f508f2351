import { ServerResponse } from 'node:http'

import { DeferredHead } from './deferred-head.ts'
import { dropCall, HeldBody, type HeldMethod, type InnerMethods } from './held-body.ts'
import { cover, type HeldResponse, type Hold, isResponseStarted } from './held-response.ts'
import { type HeaderSnapshot, restoreSnapshot, type Status, takeSnapshot, takeStatus } from './header-snapshot.ts'
import type { NodeResponse } from './node-types.ts'
import { PipedSources } from './piped-sources.ts'
import { isPlainHead, isStrict, refuseChunk, Rehearsal } from './rehearsal.ts'

/** What a gate asks, and whom it tells. */
export interface GateControl {
  /**
   * Called once when the response is about to start, with its status. `undefined`: there is nothing to wait for, and
   * the response goes on synchronously, untouched. Otherwise the response is held until the promise settles.
   */
  finish(status: number): Promise<void> | undefined
  /** Called once after a failed commit, when the response is as it was when the gate was made. */
  fail(error: unknown): void
}

/**
 * - `open`: nothing has happened yet.
 * - `headed`: `writeHead` has been called and put off. The session may still be changed.
 * - `held`: the commit is under way; every call is queued.
 * - `released`: the response goes its own way.
 * - `failed`: the commit failed, and the response belongs to whoever answers for that.
 */
type GateState = 'open' | 'headed' | 'held' | 'released' | 'failed'

/**
 * Holds the headers and body of a Node response until a commit is acknowledged.
 *
 * Made when a request enters a binding, armed when its handler first uses the session; until then the response is
 * untouched. The first `write`, `end` or `flushHeaders` asks {@link GateControl.finish}. While its promise is pending
 * the response looks sent (`headersSent`, `writableEnded`, the errors of `setHeader`) and all calls are queued.
 *
 * - It is fulfilled: the calls are made in their order, and Node does the rest.
 * - It is rejected: the queued body is dropped and its callbacks get the error, streams piped into the response are let
 *   go of, headers and status are again what they were when the gate was made, and {@link GateControl.fail} gets the
 *   error. What the handler still writes after that error has been answered is dropped.
 */
export class NodeGate {
  readonly #response: HeldResponse
  readonly #control: GateControl
  readonly #before: HeaderSnapshot
  #state: GateState = 'open'
  #inner: InnerMethods | undefined
  #writeHead: HeldResponse['writeHead'] | undefined
  #sources: PipedSources | undefined
  #rehearsal: Rehearsal | undefined
  #head: DeferredHead | undefined
  #hold: Hold | undefined
  #uncover: (() => void) | undefined
  #body: HeldBody | undefined
  #status: Status | undefined
  #isAnnouncing = false
  #hasPassedWrappers = false
  #error: unknown

  constructor(response: NodeResponse, control: GateControl) {
    this.#response = response as HeldResponse
    this.#control = control
    this.#before = takeSnapshot(this.#response)
  }

  /** Whether the response has begun: a gate holds it, or its headers have been sent. */
  get isStarted(): boolean {
    return isResponseStarted(this.#response)
  }

  /** Begins to watch the response. Does nothing the second time, and nothing if the response has started. */
  arm(): void {
    if (this.#inner !== undefined || this.isStarted) return
    const response = this.#response
    const { writeHead, write, end, flushHeaders, cork = nothing, uncork = nothing } = response
    this.#inner = { writeHead, write, end, flushHeaders, cork, uncork }
    this.#sources = new PipedSources(response)
    this.#writeHead = (...values) => this.#enterHead(values)
    response.writeHead = this.#writeHead
    if (response.writeHeader !== undefined) response.writeHeader = this.#writeHead
    response.write = (...values) => this.#enter('write', values) as boolean
    response.end = (...values) => this.#enter('end', values)
    response.flushHeaders = (...values) => void this.#enter('flushHeaders', values)
  }

  #enterHead(values: readonly unknown[]): unknown {
    switch (this.#state) {
      case 'open':
        return this.#response.headersSent ? this.#callHead(values) : this.#putOffHead(values)
      case 'headed':
      case 'held':
        // Wrappers below ours would act before Node throws.
        return this.#response._storeHeader === undefined
          ? this.#response
          : Reflect.apply(ServerResponse.prototype.writeHead, this.#response, values)
      case 'released':
        return this.#callHead(values)
      case 'failed':
        return this.#response
    }
  }

  #enter(method: HeldMethod, values: readonly unknown[]): unknown {
    switch (this.#state) {
      case 'open':
      case 'headed':
        return this.#start(method, values)
      case 'held':
        this.#refuse(method, values)
        return this.#body!.keep(method, values)
      case 'released':
        return this.#body?.isBusy ? this.#body.keep(method, values) : this.#call(method, values)
      case 'failed':
        return this.#dropLate(method, values)
    }
  }

  #putOffHead(values: readonly unknown[]): unknown {
    const response = this.#response
    const head = new DeferredHead(response, values)
    if (response._storeHeader !== undefined) {
      this.#rehearsal = new Rehearsal(response)
      this.#rehearsal.run('writeHead', values)
      response.statusCode = this.#rehearsal.standIn.statusCode
      response.statusMessage = this.#rehearsal.standIn.statusMessage
      // Node has merged the headers in the arguments with those set before, if there were any.
      if (response.getHeaderNames().length > 0) head.dropHeaders()
    }
    if (!this.#isAnnouncing || values.length > 1) this.#head = head
    this.#hasPassedWrappers = response.writeHead !== this.#writeHead
    this.#state = 'headed'
    this.#hold = this.#cover()
    return response
  }

  #start(method: HeldMethod, values: readonly unknown[]): unknown {
    this.#refuse(method, values)
    if (this.#state === 'open' && !this.#response.headersSent) this.#announce()
    const waiting = this.#finish()
    if (waiting === undefined) {
      this.#release()
      return this.#call(method, values)
    }
    this.#hold ??= this.#cover()
    this.#hold.isStarted = true
    this.#state = 'held'
    this.#status = takeStatus(this.#response)
    this.#body = new HeldBody(this.#response, this.#hold)
    this.#holdCorks()
    waiting.then(
      () => this.#replay(),
      (error: unknown) => this.#fail(error),
    )
    return this.#body.keep(method, values)
  }

  /** Lets those who wrapped `writeHead` after us have their turn before the commit, as Node would have here. */
  #announce(): void {
    const response = this.#response
    if (response.writeHead === this.#writeHead || response._implicitHeader === undefined) {
      if (!isPlainHead(response)) new Rehearsal(response).run('writeHead', [response.statusCode])
      return
    }
    this.#isAnnouncing = true
    try {
      response._implicitHeader()
    } finally {
      this.#isAnnouncing = false
    }
  }

  /** Throws at once what Node would throw at once. */
  #refuse(method: HeldMethod, values: readonly unknown[]): void {
    if (method !== 'write' && method !== 'end') return
    const [chunk, encoding] = values
    if (method === 'end' && (!chunk || typeof chunk === 'function')) return
    const native = this.#inner![method]
    if (native !== ServerResponse.prototype[method]) return
    refuseChunk(this.#response, native, values)
    if (!isStrict(this.#response)) return
    this.#rehearsal ??= new Rehearsal(this.#response)
    this.#rehearsal.run(method, [chunk, encoding])
  }

  #finish(): Promise<void> | undefined {
    try {
      return this.#control.finish(this.#response.statusCode)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #cover(): Hold {
    const hold: Hold = {
      isStarted: false,
      hasEnded: false,
      needsDrain: false,
      below: undefined,
      beforeAppend: () => this.#head?.layHeaders(),
    }
    this.#uncover = cover(this.#response, hold)
    return hold
  }

  #holdCorks(): void {
    const response = this.#response
    if (this.#inner!.cork === nothing) return
    response.cork = () => void this.#enter('cork', [])
    response.uncork = () => void this.#enter('uncork', [])
  }

  /** Goes on synchronously. */
  #release(): void {
    this.#letGo('released')
    if (this.#head !== undefined) this.#callHead(this.#head.values)
  }

  #replay(): void {
    const later = takeStatus(this.#response)
    this.#letGo('released')
    Object.assign(this.#response, this.#status)
    this.#body!.replay(this.#inner!, this.#head?.values)
    Object.assign(this.#response, later)
  }

  #letGo(state: GateState): void {
    this.#uncover?.()
    this.#state = state
    if (this.#hasPassedWrappers) this.#response.writeHead = this.#inner!.writeHead
  }

  #fail(error: unknown): void {
    const response = this.#response
    const inner = this.#inner!
    this.#error = error
    this.#letGo('failed')
    // Whatever wrapped our methods has seen the response that failed, and what it still holds of it must not come out.
    Object.assign(response, inner, response.writeHeader && { writeHeader: inner.writeHead }, {
      write: (...values: unknown[]) =>
        response.writableEnded ? this.#dropLate('write', values) : this.#call('write', values),
      end: (...values: unknown[]) =>
        response.writableEnded ? this.#dropLate('end', values) : this.#call('end', values),
    })
    this.#body!.drop(error)
    this.#sources!.drop()
    if (!response.headersSent) restoreSnapshot(response, this.#before)
    try {
      this.#control.fail(error)
    } catch (cause) {
      response.destroy(cause as Error)
    }
  }

  #dropLate(method: HeldMethod, values: readonly unknown[]): unknown {
    dropCall(values, this.#error)
    return method === 'write' ? false : method === 'end' ? this.#response : undefined
  }

  #callHead(values: readonly unknown[]): unknown {
    return Reflect.apply(this.#inner!.writeHead, this.#response, values)
  }

  #call(method: HeldMethod, values: readonly unknown[]): unknown {
    return Reflect.apply(this.#inner![method], this.#response, values)
  }
}

function nothing(): void {}
