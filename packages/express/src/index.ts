/** Holdfast for Express 4 and 5. Re-exports all of `@holdfast/core`. */
import type { RegisteredSession } from '@holdfast/core'

export * from '@holdfast/core'
export {
  type ExpressMiddleware,
  type ExpressRequest,
  type ExpressSessionsOptions,
  expressSessions,
} from './express-sessions.ts'
export { type ExpressStatusMiddleware, expressSessionStatus } from './express-session-status.ts'

declare global {
  namespace Express {
    interface Request {
      /** The session of this request, typed by `Register`. */
      readonly session: RegisteredSession
    }
  }
}
