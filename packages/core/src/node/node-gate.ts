import { STATUS_CODES } from 'node:http'

import { DeferredHead } from './deferred-head.ts'
import { type BodyMethod, type GateKeeper, GateMethods } from './gate-methods.ts'
import { dropCall, HeldBody } from './held-body.ts'
import { type HeldResponse, Hold, isOutgoingMessage, isResponseStarted } from './held-response.ts'
import {
  type HeaderSnapshot,
  restoreSnapshot,
  type Status,
  takeSnapshot,
  takeStatus,
  withStatus,
} from './header-snapshot.ts'
import type { NodeResponse } from './node-types.ts'
import { PipedSources } from './piped-sources.ts'
import { hasChunk, isPlainHead, isStrict, refuseChunk, refuseHead, Rehearsal } from './rehearsal.ts'

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
export class NodeGate implements GateKeeper {
  readonly #response: HeldResponse
  readonly #control: GateControl
  readonly #before: HeaderSnapshot
  #state: GateState = 'open'
  #methods: GateMethods | undefined
  #sources: PipedSources | undefined
  #head: DeferredHead | undefined
  #rehearsal: Rehearsal | undefined
  #hold: Hold | undefined
  /** The status that the handler gave the response. What it gives afterwards goes nowhere, but can be read. */
  #status: Status | undefined
  #body: HeldBody | undefined
  #isAnnouncing = false
  #hasPassedWrappers = false
  #error: unknown

  /** @param before what the headers and status become again if the commit fails. @default what they are now */
  constructor(response: NodeResponse, control: GateControl, before?: HeaderSnapshot) {
    this.#response = response as HeldResponse
    this.#control = control
    this.#before = before ?? takeSnapshot(this.#response)
  }

  /** Whether the response has begun: a gate holds it, or its headers have been sent. */
  get isStarted(): boolean {
    return isResponseStarted(this.#response)
  }

  /** Begins to watch the response. Does nothing the second time, and nothing if the response has started. */
  arm(): void {
    if (this.#methods !== undefined || this.isStarted) return
    this.#sources = new PipedSources(this.#response)
    this.#methods = new GateMethods(this.#response, this)
  }

  /** A call of `writeHead`. For the methods that the gate has put on the response. */
  enterHead(values: readonly unknown[]): unknown {
    switch (this.#state) {
      case 'open':
        return this.#response.headersSent ? this.#methods!.callHead(values) : this.#putOffHead(values)
      case 'headed':
      case 'held':
        return refuseHead(this.#response, values)
      case 'released':
        return this.#methods!.callHead(values)
      case 'failed':
        return this.#response
    }
  }

  /** A call of another of them. */
  enter(method: BodyMethod, values: readonly unknown[]): unknown {
    switch (this.#state) {
      case 'open':
      case 'headed':
        return method === 'cork' || method === 'uncork'
          ? this.#methods!.call(method, values)
          : this.#start(method, values)
      case 'held':
        if (method === 'write' || !this.#hold!.hasEnded) this.#refuse(method, values)
        return this.#body!.keep(method, values)
      case 'released':
        return this.#body?.isBusy ? this.#body.keep(method, values) : this.#methods!.call(method, values)
      case 'failed':
        return this.#dropLate(method, values)
    }
  }

  #putOffHead(values: readonly unknown[]): unknown {
    const head = new DeferredHead(this.#response, values)
    const rehearsal = head.rehearse()
    this.#rehearsal ??= rehearsal
    // An implied head must stay implied: Node then knows the length of the body from `end`.
    if (!this.#isAnnouncing || values.length > 1) this.#head = head
    this.#hasPassedWrappers = this.#methods!.isHeadWrapped
    this.#becomeHeaded()
    return this.#response
  }

  #becomeHeaded(): void {
    this.#state = 'headed'
    this.#status = takeStatus(this.#response)
    this.#hold = new Hold(this.#response, () => this.#head?.layHeaders())
  }

  #start(method: BodyMethod, values: readonly unknown[]): unknown {
    const response = this.#response
    this.#refuse(method, values)
    if (this.#state === 'open' && !response.headersSent) this.#announce()
    const waiting = this.#finish()
    if (waiting === undefined || response.destroyed) {
      // Nothing reaches a client that went away, but the commit is carried out.
      waiting?.catch((error: unknown) => this.#fail(error))
      return this.#goOn(method, values)
    }
    if (isOutgoingMessage(response)) response.statusMessage ||= STATUS_CODES[response.statusCode] ?? 'unknown'
    this.#status ??= takeStatus(response)
    this.#hold ??= new Hold(response, () => undefined)
    this.#hold.isStarted = true
    this.#state = 'held'
    this.#body = new HeldBody(response, this.#hold)
    waiting.then(
      () => this.#release(),
      (error: unknown) => this.#fail(error),
    )
    return this.#body.keep(method, values)
  }

  /** Lets those who have wrapped `writeHead` have their turn now, as Node would: what they change is committed too. */
  #announce(): void {
    const response = this.#response
    if (!this.#methods!.isHeadWrapped || response._implicitHeader === undefined) {
      const { statusCode: status } = response
      const reason = isOutgoingMessage(response) ? response.statusMessage : undefined
      if (!isPlainHead(response, { status, reason, headers: undefined }))
        new Rehearsal(response).run('writeHead', [status])
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
  #refuse(method: BodyMethod, values: readonly unknown[]): void {
    if ((method !== 'write' && method !== 'end') || !this.#methods!.isNode(method) || !hasChunk(method, values)) return
    refuseChunk(this.#response, this.#methods!.inner[method], values)
    if (!isStrict(this.#response)) return
    this.#rehearsal ??= new Rehearsal(this.#response)
    try {
      this.#rehearsal.run(method, values.slice(0, typeof values[1] === 'string' ? 2 : 1))
    } catch (error) {
      if (this.#state === 'open' && this.#rehearsal.hasHead) this.#becomeHeaded()
      throw error
    }
  }

  #finish(): Promise<void> | undefined {
    try {
      return this.#control.finish((this.#status ?? this.#response).statusCode)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Goes on synchronously, as if there were no gate. */
  #goOn(method: BodyMethod, values: readonly unknown[]): unknown {
    const methods = this.#methods!
    this.#leave('released')
    methods.withdraw()
    if (this.#status === undefined) return methods.call(method, values)
    return withStatus(this.#response, this.#status, () => {
      if (this.#head !== undefined) methods.callHead(this.#head.values)
      return methods.call(method, values)
    })
  }

  #release(): void {
    this.#leave('released')
    withStatus(this.#response, this.#status!, () => this.#body!.replay(this.#methods!, this.#head?.values))
  }

  #fail(error: unknown): void {
    const response = this.#response
    const methods = this.#methods!
    this.#error = error
    this.#leave('failed')
    // Whoever has wrapped our methods may still hold a part of the failed body, which must not come out.
    methods.replace({
      ...methods.inner,
      write: (...values) =>
        (response.writableEnded ? this.#dropLate('write', values) : methods.call('write', values)) as boolean,
      end: (...values) => (response.writableEnded ? this.#dropLate('end', values) : methods.call('end', values)),
    })
    this.#body?.drop(error)
    this.#sources!.drop()
    if (!response.headersSent) restoreSnapshot(response, this.#before)
    try {
      this.#control.fail(error)
    } catch (cause) {
      response.destroy(cause as Error)
    }
  }

  #leave(state: 'released' | 'failed'): void {
    this.#hold?.lift()
    this.#state = state
    if (this.#hasPassedWrappers) this.#methods!.replace({ writeHead: this.#methods!.inner.writeHead })
  }

  #dropLate(method: BodyMethod, values: readonly unknown[]): unknown {
    dropCall(values, this.#error)
    return method === 'write' ? false : method === 'end' ? this.#response : undefined
  }
}
