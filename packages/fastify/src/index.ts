/** Holdfast for Fastify 5. Re-exports all of `@holdfast/core`. */
import type { OpenOptions, RegisteredSession } from '@holdfast/core'

export * from '@holdfast/core'
export { type FastifySessionStatusOptions, fastifySessionStatus } from './fastify-session-status.ts'
export { type FastifySessionsOptions, fastifySessions } from './fastify-sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request, typed by `Register`. */
    readonly session: RegisteredSession
  }
  interface FastifyContextConfig {
    /** How this route's requests open their session. */
    readonly session?: OpenOptions
  }
}
