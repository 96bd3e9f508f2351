/** The least that can be done for a session in Fastify. */
import type { Server } from 'node:http'

import Fastify from 'fastify'

import { NOBODY, type Surroundings } from '../contender.ts'
import type { SessionFields } from '../session-fields.ts'
import { sessionsByHand } from './sessions-by-hand.ts'

export async function start(surroundings: Surroundings): Promise<Server> {
  const sessions = sessionsByHand(surroundings)
  const app = Fastify()
  app.post<{ Params: { user: string; size: string } }>('/login/:user/:size', async ({ params }, reply) => {
    reply.header('Set-Cookie', await sessions.login(params.user, params.size))
    return { user: params.user, visits: 0 }
  })
  app.get('/none', (_request, reply) => reply.send(NOBODY))
  app.get('/read', (request, reply) => {
    const answer = (fields: SessionFields | undefined): unknown =>
      reply.send(fields === undefined ? NOBODY : { user: fields.user, visits: fields.visits })
    const found = sessions.find(request.headers.cookie)
    if (found instanceof Promise) found.then(answer).catch((error: unknown) => reply.send(error))
    else answer(found)
  })
  app.post('/write', async (request) => {
    const fields = await sessions.find(request.headers.cookie)
    if (fields === undefined) return NOBODY
    const changed = { ...fields, visits: fields.visits + 1 }
    await sessions.save(request.headers.cookie, changed)
    return { user: changed.user, visits: changed.visits }
  })
  app.post('/logout', async (request) => {
    await sessions.end(request.headers.cookie)
    return NOBODY
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
