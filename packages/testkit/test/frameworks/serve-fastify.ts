import { Readable } from 'node:stream'

import { fastifySessionStatus, fastifySessions } from '@holdfast/fastify'
import { type FastifyReply, fastify } from 'fastify'

import { type Answer, STATUS_PATH, type Serve, type SiteError, KEEP_ALIVE, shut, siteError } from './site.ts'

export const serveFastify: Serve = async (routes, sessions, { certificate } = {}) => {
  const errors: SiteError[] = []
  const app = fastify({ https: certificate ?? null, keepAliveTimeout: KEEP_ALIVE })
  await app.register(fastifySessions, { sessions })
  await app.register(fastifySessionStatus, { sessions, url: STATUS_PATH })
  app.addHook('onError', async (request, _reply, error) => {
    errors.push(siteError(request.url, error))
  })
  for (const { method, path, handle } of routes) {
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const query = request.query as Record<string, string>
        return say(reply, await handle({ query, session: sessions.of(request) }))
      },
    })
  }
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const close = async (): Promise<void> => {
    await shut(app.server)
    await app.close()
  }
  return { url, errors, close }
}

function say(reply: FastifyReply, answer: Answer): FastifyReply {
  switch (answer.type) {
    case 'json':
      return reply.send(answer.value)
    case 'text':
      return reply.type('text/plain').send(answer.value)
    case 'redirect':
      return reply.redirect(answer.to)
    case 'empty':
      return reply.code(204).send()
    case 'stream':
      return reply.send(Readable.from(answer.chunks))
  }
}
