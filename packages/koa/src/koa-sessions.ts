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

/** Options of {@link koaSessions}. */
export type KoaSessionsOptions = MountOptions

/** What the middleware uses of a context. Those of Koa 2 and 3 fit. */
export interface KoaContext {
  readonly req: NodeRequest
  readonly res: NodeResponse
  /** Whether the client reached us over TLS; heeds `app.proxy`. */
  readonly secure: boolean
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
export function koaSessions<Data extends object = SessionData>(
  sessions: Sessions<Data>,
  options: KoaSessionsOptions = {},
): KoaMiddleware {
  const { property, open } = readMount('koaSessions()', sessions, options)

  return function holdfastSessions(context, next) {
    const { req: request, res: response } = context
    const exchange = nodeExchange(request, response, { secure: context.secure })
    // Where the request has a session already, the engine keeps to its first exchange: this gate is never armed.
    const gate = new NodeGate(response, {
      finish: (status) => sessions.finish(sessions.of(request), { status }),
      fail: (error) => context.onerror(error as Error),
    })
    let isUsed = false
    let isHandled = false
    // Koa does not end the response to a client that has gone away, and without an end nothing would be committed.
    const endForNobody = (): void => {
      if (isUsed && isHandled && !context.writable && context.respond !== false) response.end()
    }
    exchange.onUse = () => {
      isUsed = true
      gate.arm()
      response.once('close', endForNobody)
    }
    const handled = (error?: unknown): void => {
      if (isUsed && !context.writable && error !== undefined) response.statusCode = statusOf(error)
      isHandled = true
      endForNobody()
    }

    const enter = async (session: Session<Data>): Promise<unknown> => {
      showHandle(context, property, session)
      try {
        const result = await next()
        handled()
        return result
      } catch (error) {
        handled(error)
        throw error
      }
    }
    const opened = sessions.open(exchange, open)
    return opened instanceof Promise ? opened.then(enter) : enter(opened)
  }
}

/** The status with which Koa would answer for an error. */
function statusOf(error: unknown): number {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown }
  return [status, statusCode].find((value) => typeof value === 'number') ?? 500
}
