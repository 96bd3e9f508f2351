import { isPromise } from 'node:util/types'

import {
  GatedExchange,
  type MountOptions,
  type MountableSessions,
  type NodeRequest,
  type NodeResponse,
  type ShowHandle,
  handleShower,
  readMount,
} from '@holdfast/core'

/** Options of {@link koaSessions}. */
export type KoaSessionsOptions = MountOptions

/** What the middleware uses of a context. Those of Koa 2 and 3 fit. */
export interface KoaContext {
  readonly req: NodeRequest
  readonly res: NodeResponse
  /** The application, with the prototype of its contexts. */
  readonly app?: { readonly context: object }
  /** Whether the client reached us over TLS; heeds `app.proxy`. */
  readonly secure: boolean
  /** The client's address; heeds `app.proxy`. */
  readonly ip?: string | undefined
  /** Whether somebody is still there to answer to. */
  readonly writable: boolean
  /** `false` where the middleware answers by itself. */
  readonly respond?: boolean | undefined
  /** Koa's default error handling. */
  onerror(error: Error): void
}

/** A middleware that `app.use` of Koa 2 and 3 takes. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>

/**
 * Gives every request a session: `ctx.session`, or another `property`.
 *
 * - The response is held at its first byte until the store has acknowledged what the middleware changed. If that
 *   fails, the error goes to `ctx.onerror(error)`, which tells the application's `'error'` event and answers, and
 *   nothing of the response has left. Middleware that catches the errors of `next()` has returned by then.
 * - What ends a session reaches the client also when the middleware throws afterwards, although Koa's error handling
 *   removes the headers set before.
 * - Mounted again on a route with other options, it leaves the same handle and adds the options.
 *
 * @throws OptionsError `ERR_OPTIONS`
 * @example
 * ```ts
 * import { createSessions, koaSessions, memoryStore } from '@holdfast/koa'
 * import Koa from 'koa'
 *
 * const sessions = createSessions({ store: memoryStore() })
 * const app = new Koa()
 * app.use(koaSessions(sessions))
 * app.use((ctx) => {
 *   ctx.body = { user: ctx.session.subject }
 * })
 * ```
 */
export function koaSessions(sessions: MountableSessions, options: KoaSessionsOptions = {}): KoaMiddleware {
  const { property, open } = readMount('koaSessions()', sessions, options)
  const show = handleShower(property, (context) => sessions.of((context as KoaContext).req), prototypeOf)

  return function holdfastSessions(context, next) {
    // Where the request has a session already, the engine keeps to its first exchange.
    const exchange = new KoaExchange(sessions, context)
    const opened = sessions.open(exchange, open)
    // Not by `instanceof`, which is slow for a handle: behind its class there is a proxy.
    if (isPromise(opened)) return opened.then((session) => enter(exchange, session as object, show, next))
    return enter(exchange, opened, show, next)
  }
}

/** The prototype that all contexts of an application have, and no other. */
function prototypeOf(context: object): object | undefined {
  const prototype = (context as KoaContext).app?.context
  return prototype !== undefined && prototype === Object.getPrototypeOf(context) ? prototype : undefined
}

/** Answers the promise of the middleware after this one as it is: a request that uses no session costs no other. */
function enter(
  exchange: KoaExchange,
  session: object,
  show: ShowHandle,
  next: () => Promise<unknown>,
): Promise<unknown> {
  try {
    show(exchange.context, session)
  } catch (error) {
    return Promise.reject(error as Error)
  }
  exchange.handling = next()
  return exchange.handling
}

/** One request to Koa. */
class KoaExchange extends GatedExchange {
  readonly context: KoaContext
  /** Settles when the middleware after this one is done, or has thrown. */
  handling: Promise<unknown> | undefined
  readonly #sessions: MountableSessions

  constructor(sessions: MountableSessions, context: KoaContext) {
    super(context.req, context.res)
    this.context = context
    this.#sessions = sessions
  }

  override get address(): string | undefined {
    return this.context.ip
  }

  override get secure(): boolean {
    return this.context.secure
  }

  finish(status: number): Promise<void> | undefined {
    return this.#sessions.finish(this.#sessions.of(this.carrier) as never, { status })
  }

  fail(error: unknown): void {
    this.context.onerror(error as Error)
  }

  override onUse(): void {
    super.onUse()
    // Whoever has gone away before is not told of again.
    if (this.context.writable) this.response.on('close', () => this.#endForNobody())
    else setImmediate(() => this.#endForNobody())
  }

  /**
   * Ends the response when the middleware is done. Koa does not end the response to a client that has gone away, and
   * without an end nothing would be committed.
   */
  #endForNobody(): void {
    const end = (): void => {
      const { writable, respond } = this.context
      if (!writable && respond !== false) this.response.end()
    }
    this.handling?.then(end, (error: unknown) => {
      if (!this.context.writable) this.response.statusCode = statusOf(error)
      end()
    })
  }
}

/** The status with which Koa would answer for an error. */
function statusOf(error: unknown): number {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown }
  return [status, statusCode].find((value) => typeof value === 'number') ?? 500
}
