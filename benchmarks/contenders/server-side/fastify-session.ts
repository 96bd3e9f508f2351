/** @fastify/session with its MemoryStore, or with connect-redis, as its documentation advises. */
import './session-data.ts'

import type { Server } from 'node:http'

import cookie from '@fastify/cookie'
import session, { type FastifySessionOptions } from '@fastify/session'
import Fastify from 'fastify'

import { NOBODY, ONE_DAY, SECRET, type Surroundings } from '../contender.ts'
import { fieldsOf } from '../session-fields.ts'
import { connectRedis } from './connect-redis.ts'

export async function start({ store, redisUrl }: Surroundings): Promise<Server> {
  const app = Fastify()
  await app.register(cookie)
  await app.register(session, {
    secret: SECRET,
    saveUninitialized: false,
    rolling: false,
    cookie: { secure: false, maxAge: ONE_DAY },
    ...(store === 'redis' && { store: (await connectRedis(redisUrl)) as unknown as ExternalStore }),
  })
  app.post<{ Params: { user: string; size: string } }>('/login/:user/:size', async (request) => {
    const { user, size } = request.params
    await request.session.regenerate()
    Object.assign(request.session, fieldsOf(user, size))
    return { user, visits: 0 }
  })
  app.get('/none', (_request, reply) => reply.send(NOBODY))
  app.get('/read', (request, reply) =>
    reply.send({ user: request.session.user ?? null, visits: request.session.visits ?? 0 }),
  )
  app.post('/write', (request, reply) => {
    request.session.visits = (request.session.visits ?? 0) + 1
    return reply.send({ user: request.session.user ?? null, visits: request.session.visits })
  })
  app.post('/logout', async (request) => {
    await request.session.destroy()
    return NOBODY
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

type ExternalStore = NonNullable<FastifySessionOptions['store']>
