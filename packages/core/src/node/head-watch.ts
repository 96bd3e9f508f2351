import { DeferredHead } from './deferred-head.ts'
import type { HeldResponse } from './held-response.ts'
import { isPlainHead, Rehearsal } from './rehearsal.ts'

/** Whom a watch tells. */
export interface HeadKeeper {
  /** Called once, when the head is about to be sent with this status: what is added to it now is sent. */
  onHead(status: number): void
}

const FIRST: unique symbol = Symbol('holdfast.first-watch')

type WatchedResponse = HeldResponse & { [FIRST]?: HeadWatch }

/** That of the first watch of any response. It finds it by the response, so that a request makes no function. */
function sharedHead(this: WatchedResponse, ...values: readonly unknown[]): unknown {
  return this[FIRST]!.enter(values)
}

/**
 * Tells when the head of a response is about to be sent, however that comes about, and holds nothing up. Needs a response
 * of `node:http`, which calls its own `writeHead` also where its program does not.
 *
 * What Node would refuse is refused before anybody is told, as if nobody watched.
 */
export class HeadWatch {
  readonly #response: WatchedResponse
  readonly #keeper: HeadKeeper
  readonly #inner: HeldResponse['writeHead']
  readonly #outer: HeldResponse['writeHead']
  #isOver = false

  /** Puts the watch on the response. */
  constructor(response: HeldResponse, keeper: HeadKeeper) {
    const watched: WatchedResponse = response
    this.#response = watched
    this.#keeper = keeper
    this.#inner = watched.writeHead
    if (watched[FIRST] === undefined) {
      watched[FIRST] = this
      this.#outer = sharedHead
    } else {
      this.#outer = (...values) => this.enter(values)
    }
    watched.writeHead = this.#outer
    if (watched.writeHeader !== undefined) watched.writeHeader = this.#outer
  }

  /** A call of `writeHead`. */
  enter(values: readonly unknown[]): unknown {
    const response = this.#response
    if (this.#isOver || response.headersSent) return Reflect.apply(this.#inner, response, values)
    const [status] = values
    const reason = response.statusMessage
    const isPlain = values.length === 1 && isPlainHead(response, { status, reason, headers: undefined })
    const head = isPlain ? undefined : this.#lay(values)
    this.withdraw()
    this.#keeper.onHead(isPlain ? (status as number) : response.statusCode)
    return Reflect.apply(this.#inner, response, head?.values ?? values)
  }

  /** Tells nobody any more, and takes the watch off, but where somebody has wrapped it since. */
  withdraw(): void {
    const response = this.#response
    this.#isOver = true
    if (response.writeHead === this.#outer) response.writeHead = this.#inner
    if (response.writeHeader === this.#outer) response.writeHeader = this.#inner
  }

  /** Throws what Node would throw. Puts headers among the arguments on the response, so that others can be merged with them. */
  #lay(values: readonly unknown[]): DeferredHead | undefined {
    if (values.length === 1) {
      new Rehearsal(this.#response).run('writeHead', values)
      return undefined
    }
    const head = new DeferredHead(this.#response, values)
    head.rehearse()
    head.layHeaders()
    return head
  }
}
