import { type MountableSessions, type NodeResponse, type Session, answerStatus, isStatusPassive } from '@holdfast/core'

import {
  type ExpressMiddleware,
  type ExpressRequest,
  type ExpressSessionsOptions,
  expressSessions,
} from './express-sessions.ts'

/** A middleware that answers, for `app.use` and `app.all`. */
export type ExpressStatusMiddleware = (
  request: ExpressRequest & { readonly method?: string },
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Answers how long the session of a request lives on, as JSON (`SessionStatus`). `GET` extends nothing, `POST` keeps the
 * session alive. It needs no `expressSessions` above it.
 *
 * @throws OptionsError `ERR_OPTIONS`
 * @example
 * ```ts
 * import { createSessions, expressSessionStatus, memoryStore } from '@holdfast/express'
 * import express from 'express'
 *
 * const sessions = createSessions({ store: memoryStore() })
 * express().use('/session', expressSessionStatus(sessions))
 * ```
 */
export function expressSessionStatus(
  sessions: MountableSessions,
  options: Pick<ExpressSessionsOptions, 'property'> = {},
): ExpressStatusMiddleware {
  const mount = (passive: boolean): ExpressMiddleware =>
    expressSessions(sessions, { ...options, load: 'strict', passive })
  const [asking, using] = [mount(true), mount(false)]

  return function holdfastSessionStatus(request, response, next) {
    const enter = isStatusPassive(request.method) ? asking : using
    enter(request, response, (error) => {
      if (error !== undefined) return next(error)
      answer(sessions, request, response).catch(next)
    })
  }
}

async function answer(
  sessions: MountableSessions,
  request: ExpressRequest & { readonly method?: string },
  response: NodeResponse,
): Promise<void> {
  const { status, headers, body } = await answerStatus(sessions.of(request) as Session, request.method)
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body as never)
}
