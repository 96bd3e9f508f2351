/** Holdfast in Fastify. */
import type { Server } from 'node:http'

import { fastifySessions } from '@holdfast/fastify'
import Fastify from 'fastify'

import { NOBODY, type Surroundings } from '../contender.ts'
import { answerOf, countUp, engineFor, login } from './engine.ts'

export async function start(surroundings: Surroundings): Promise<Server> {
  const app = Fastify()
  await app.register(fastifySessions, { sessions: await engineFor(surroundings) })
  app.post<{ Params: { user: string; size: string } }>('/login/:user/:size', ({ session, params }, reply) => {
    login(session, params.user, params.size)
    return reply.send(answerOf(session))
  })
  app.get('/none', (_request, reply) => reply.send(NOBODY))
  app.get('/read', ({ session }, reply) => reply.send(answerOf(session)))
  app.post('/write', ({ session }, reply) => {
    countUp(session, surroundings)
    return reply.send(answerOf(session))
  })
  app.post('/logout', ({ session }, reply) => {
    session.logout()
    return reply.send(NOBODY)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
