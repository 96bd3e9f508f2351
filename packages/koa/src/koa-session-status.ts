import { type MountableSessions, type Session, answerStatus, isStatusPassive } from '@holdfast/core'

import { type KoaContext, type KoaSessionsOptions, koaSessions } from './koa-sessions.ts'

/** What the middleware uses of a context, beside what `koaSessions` does. */
export interface KoaStatusContext extends KoaContext {
  readonly method: string
  status: number
  body: unknown
  set(headers: { [name: string]: string }): unknown
}

/** A middleware that answers. */
export type KoaStatusMiddleware = (context: KoaStatusContext) => Promise<unknown>

/**
 * Answers how long the session of a request lives on, as JSON (`SessionStatus`). `GET` extends nothing, `POST` keeps the
 * session alive. Mount it under a path of your own; it needs no `koaSessions` above it.
 *
 * @throws OptionsError `ERR_OPTIONS`
 * @example
 * ```ts
 * import { createSessions, koaSessionStatus, memoryStore } from '@holdfast/koa'
 * import Koa from 'koa'
 *
 * const status = koaSessionStatus(createSessions({ store: memoryStore() }))
 * new Koa().use((ctx, next) => (ctx.path === '/session' ? status(ctx) : next()))
 * ```
 */
export function koaSessionStatus(
  sessions: MountableSessions,
  options: Pick<KoaSessionsOptions, 'property'> = {},
): KoaStatusMiddleware {
  const [asking, using] = [true, false].map((passive) => koaSessions(sessions, { ...options, load: 'strict', passive }))

  return function holdfastSessionStatus(context) {
    const enter = isStatusPassive(context.method) ? asking! : using!
    return enter(context, async () => {
      const { status, headers, body } = await answerStatus(sessions.of(context) as Session, context.method)
      context.status = status
      context.body = body
      context.set({ ...headers })
    })
  }
}
