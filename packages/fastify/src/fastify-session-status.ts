import { type MountableSessions, type Session, answerStatus } from '@holdfast/core'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'

/** Options of {@link fastifySessionStatus}. */
export interface FastifySessionStatusOptions {
  /** What `createSessions` or `cookieSessions` answered. */
  readonly sessions: MountableSessions
  /** @default '/session' */
  readonly url?: string
}

/**
 * Answers how long the session of a request lives on, as JSON (`SessionStatus`). `GET` extends nothing, `POST` keeps the
 * session alive. It needs `fastifySessions` above it.
 *
 * @example
 * ```ts
 * import { createSessions, fastifySessionStatus, fastifySessions, memoryStore } from '@holdfast/fastify'
 * import Fastify from 'fastify'
 *
 * const sessions = createSessions({ store: memoryStore() })
 * const app = Fastify()
 * await app.register(fastifySessions, { sessions })
 * await app.register(fastifySessionStatus, { sessions, url: '/session' })
 * ```
 */
export const fastifySessionStatus: FastifyPluginAsync<FastifySessionStatusOptions> = async (instance, options) => {
  const { sessions, url = '/session' } = options
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const session = sessions.of(request.raw) as Session
    const { status, headers, body } = await answerStatus(session, request.method)
    return reply.code(status).headers(headers).send(body)
  }
  instance.route({ method: 'GET', url, config: { session: { load: 'strict', passive: true } }, handler })
  instance.route({ method: 'POST', url, config: { session: { load: 'strict' } }, handler })
}
