import { IncomingMessage } from 'node:http'
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

/** Options of {@link expressSessions}. */
export type ExpressSessionsOptions = MountOptions

/** What the middleware uses of a request. Those of Express 4 and 5 fit. */
export interface ExpressRequest extends NodeRequest {
  /** Whether the client reached us over TLS; heeds `trust proxy`. */
  readonly secure?: boolean
  /** The client's address; heeds `trust proxy`. */
  readonly ip?: string | undefined
}

/** A middleware that `app.use` and `app.get` of Express 4 and 5 take. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Gives every request a session: `req.session`, or another `property`.
 *
 * - The response is held at its first byte until the store has acknowledged what the handler changed. If that fails,
 *   the error goes to `next(error)`, and nothing of the handler's response has left.
 * - Mounted again on a route with other options, it leaves the same handle and adds the options.
 *
 * @throws OptionsError `ERR_OPTIONS`
 * @example
 * ```ts
 * import { createSessions, expressSessions, memoryStore } from '@holdfast/express'
 * import express from 'express'
 *
 * const sessions = createSessions({ store: memoryStore() })
 * const app = express()
 * app.use(expressSessions(sessions))
 * app.get('/poll', expressSessions(sessions, { passive: true }), (req, res) => {
 *   res.json({ user: req.session.subject })
 * })
 * ```
 */
export function expressSessions(sessions: MountableSessions, options: ExpressSessionsOptions = {}): ExpressMiddleware {
  const { property, open } = readMount('expressSessions()', sessions, options)
  const show = handleShower(property, (request) => sessions.of(request), sharedPrototype)

  return function holdfastSessions(request, response, next) {
    // Where the request has a session already, the engine keeps to its first exchange.
    const opened = sessions.open(new ExpressExchange(sessions, request, response, next), open)
    // Not by `instanceof`, which is slow for a handle: behind its class there is a proxy.
    if (isPromise(opened)) opened.then((session) => enter(request, session as object, show, next), next)
    else enter(request, opened, show, next)
  }
}

/**
 * What Express has for everybody to extend, `express.request`: a request that goes from one application to another
 * changes its prototype, but not that one. A request of `node:http` alone has nothing of the kind.
 */
function sharedPrototype(request: object): object | undefined {
  let shared: object | undefined
  let prototype = Object.getPrototypeOf(request) as object | null
  while (prototype !== null && prototype !== IncomingMessage.prototype) {
    shared = prototype
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
  return prototype === null ? undefined : shared
}

function enter(request: ExpressRequest, session: object, show: ShowHandle, next: (error?: unknown) => void): void {
  try {
    show(request, session)
  } catch (error) {
    return next(error)
  }
  next()
}

/** One request to Express. */
class ExpressExchange extends GatedExchange {
  readonly #sessions: MountableSessions
  readonly #next: (error: unknown) => void

  constructor(
    sessions: MountableSessions,
    request: ExpressRequest,
    response: NodeResponse,
    next: (error: unknown) => void,
  ) {
    super(request, response)
    this.#sessions = sessions
    this.#next = next
  }

  override get address(): string | undefined {
    return (this.carrier as ExpressRequest).ip ?? super.address
  }

  override get secure(): boolean {
    return (this.carrier as ExpressRequest).secure ?? super.secure
  }

  finish(status: number): Promise<void> | undefined {
    return this.#sessions.finish(this.#sessions.of(this.carrier) as never, { status })
  }

  fail(error: unknown): void {
    this.#next(error)
  }
}
