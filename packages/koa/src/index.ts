/** Holdfast for Koa 2 and 3. Re-exports all of `@holdfast/core`. */
import type { RegisteredSession } from '@holdfast/core'
// The module is augmented below, so a program that imports only this package must be able to find it.
import type {} from 'koa'

export * from '@holdfast/core'
export { type KoaStatusContext, type KoaStatusMiddleware, koaSessionStatus } from './koa-session-status.ts'
export { type KoaContext, type KoaMiddleware, type KoaSessionsOptions, koaSessions } from './koa-sessions.ts'

declare module 'koa' {
  interface ExtendableContext {
    /** The session of this request, typed by `Register`. */
    readonly session: RegisteredSession
  }
}
