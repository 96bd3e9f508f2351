import type { Exchange } from '../contracts/exchange.ts'
import { type HeaderSnapshot, takeSnapshot } from './header-snapshot.ts'
import { type HeadKeeper, HeadWatch } from './head-watch.ts'
import { type HeldResponse, appendResponseHeader, isOutgoingMessage, isResponseStarted } from './held-response.ts'
import { isSecureSocket, requestHeader } from './node-exchange.ts'
import { type GateControl, NodeGate } from './node-gate.ts'
import type { NodeRequest, NodeResponse } from './node-types.ts'

/**
 * An exchange over `node:http` whose response is held, once the session was changed, until the commit is acknowledged. A
 * binding makes one for each request, and says what {@link GateControl} asks. Until the session is used, all that it
 * does is to remember the headers; while it is only read, it waits for the head.
 */
export abstract class GatedExchange implements Exchange, GateControl, HeadKeeper {
  readonly carrier: NodeRequest
  readonly response: NodeResponse
  readonly #before: HeaderSnapshot
  #watch: HeadWatch | undefined
  #gate: NodeGate | undefined

  constructor(request: NodeRequest, response: NodeResponse) {
    this.carrier = request
    this.response = response
    this.#before = takeSnapshot(response as HeldResponse)
  }

  abstract finish(status: number): Promise<void> | undefined
  abstract fail(error: unknown): void

  header(name: string): string | undefined {
    return requestHeader(this.carrier, name)
  }

  get address(): string | undefined {
    return this.carrier.socket.remoteAddress
  }

  get secure(): boolean {
    return isSecureSocket(this.carrier)
  }

  get started(): boolean {
    return isResponseStarted(this.response)
  }

  appendHeader(name: string, value: string): void {
    appendResponseHeader(this.response, name, value)
  }

  /** A response that does not call its own `writeHead` is held at once. */
  onRead(): void {
    const response = this.response as HeldResponse
    if (isOutgoingMessage(response)) this.#watch = new HeadWatch(response, this)
    else this.#arm()
  }

  onHead(status: number): void {
    void this.finish(status)
  }

  onUse(): void {
    this.#watch?.withdraw()
    this.#arm()
  }

  #arm(): void {
    this.#gate ??= new NodeGate(this.response, this, this.#before)
    this.#gate.arm()
  }
}
