/** Types the sessions of express-session and of @fastify/session, which takes over the first one's. */
import type { SessionFields } from '../session-fields.ts'

declare module 'express-session' {
  interface SessionData extends SessionFields {}
}

declare module 'fastify' {
  interface Session extends SessionFields {}
}
