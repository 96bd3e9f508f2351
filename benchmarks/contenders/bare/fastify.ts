/** Fastify without sessions. */
import type { Server } from 'node:http'

import Fastify from 'fastify'

import { NOBODY } from '../contender.ts'
import { KNOWN, placeboCookie } from './placebo.ts'

export async function start(): Promise<Server> {
  const app = Fastify()
  app.post('/login/:user/:size', (_request, reply) => reply.header('Set-Cookie', placeboCookie()).send(KNOWN))
  app.get('/none', (_request, reply) => reply.send(NOBODY))
  app.get('/read', (_request, reply) => reply.send(KNOWN))
  app.post('/write', (_request, reply) => reply.send(KNOWN))
  app.post('/logout', (_request, reply) => reply.send(NOBODY))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
