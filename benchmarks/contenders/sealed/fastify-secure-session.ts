/** @fastify/secure-session: the whole session in a cookie sealed by libsodium with a key that is derived once. */
import type { Server } from 'node:http'

import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'

import { NOBODY, ONE_DAY, SECRET } from '../contender.ts'
import { type SessionFields, fieldsOf } from '../session-fields.ts'

declare module '@fastify/secure-session' {
  interface SessionData extends SessionFields {}
}

export async function start(): Promise<Server> {
  const app = Fastify()
  await app.register(secureSession, {
    secret: SECRET,
    salt: 'of 16 characters',
    expiry: ONE_DAY / 1000,
    cookie: { path: '/', httpOnly: true, secure: false, maxAge: ONE_DAY / 1000 },
  })
  app.post<{ Params: { user: string; size: string } }>('/login/:user/:size', ({ session, params }, reply) => {
    for (const [name, value] of Object.entries(fieldsOf(params.user, params.size))) {
      session.set(name as 'user', value as string)
    }
    return reply.send({ user: params.user, visits: 0 })
  })
  app.get('/none', (_request, reply) => reply.send(NOBODY))
  app.get('/read', ({ session }, reply) =>
    reply.send({ user: session.get('user') ?? null, visits: session.get('visits') ?? 0 }),
  )
  app.post('/write', ({ session }, reply) => {
    session.set('visits', (session.get('visits') ?? 0) + 1)
    return reply.send({ user: session.get('user') ?? null, visits: session.get('visits') ?? 0 })
  })
  app.post('/logout', ({ session }, reply) => {
    session.delete()
    return reply.send(NOBODY)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
