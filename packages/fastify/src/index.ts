/** Holdfast for Fastify 5. Re-exports all of `@holdfast/core`. */
import type { OpenOptions, Session } from '@holdfast/core'

export * from '@holdfast/core'
export type { FastifyEngine } from './fastify-engine.ts'
export { type FastifySessionStatusOptions, fastifySessionStatus } from './fastify-session-status.ts'
export { type FastifySessionsOptions, fastifySessions } from './fastify-sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request, typed by `Register`. */
    readonly session: Session
  }
  interface FastifyContextConfig {
    /** How this route's requests open their session. */
    readonly session?: OpenOptions
  }
}
