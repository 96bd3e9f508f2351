import {
  type MountOptions,
  NodeGate,
  type NodeRequest,
  type NodeResponse,
  type Session,
  type SessionData,
  type Sessions,
  nodeExchange,
  readMount,
  showHandle,
} from '@holdfast/core'

/** Options of {@link expressSessions}. */
export type ExpressSessionsOptions = MountOptions

/** What the middleware uses of a request. Those of Express 4 and 5 fit. */
export interface ExpressRequest extends NodeRequest {
  /** Whether the client reached us over TLS; heeds `trust proxy`. */
  readonly secure?: boolean
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
export function expressSessions<Data extends object = SessionData>(
  sessions: Sessions<Data>,
  options: ExpressSessionsOptions = {},
): ExpressMiddleware {
  const { property, open } = readMount('expressSessions()', sessions, options)

  return function holdfastSessions(request, response, next) {
    const exchange = nodeExchange(request, response, { secure: request.secure })
    // Where the request has a session already, the engine keeps to its first exchange: this gate is never armed.
    const gate = new NodeGate(response, {
      finish: (status) => sessions.finish(sessions.of(request), { status }),
      fail: next,
    })
    exchange.onUse = () => gate.arm()

    const enter = (session: Session<Data>): void => {
      try {
        showHandle(request, property, session)
      } catch (error) {
        return next(error)
      }
      next()
    }
    const opened = sessions.open(exchange, open)
    if (opened instanceof Promise) opened.then(enter, next)
    else enter(opened)
  }
}
