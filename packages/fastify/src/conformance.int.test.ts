import { type Answer, type Serve, bindingConformance } from '@holdfast/conformance'
import Fastify, { type FastifyReply } from 'fastify'
import { describe, expect, it } from 'vitest'

import { fastifySessions } from './index.ts'

const serve: Serve = async ({ isProxyTrusted, mount, list, onError }, sessions) => {
  const app = Fastify({ trustProxy: isProxyTrusted, forceCloseConnections: true })
  app.addHook('onError', async (_request, _reply, error) => onError(error))
  await app.register(fastifySessions, { sessions, ...mount })
  for (const { method, path, mount: again, handle } of list) {
    const config = again === undefined ? {} : { session: again }
    app.route({
      method,
      url: path,
      config,
      handler: async (request, reply) => {
        const session: unknown = Reflect.get(request, mount.property ?? 'session')
        return send(reply, await handle({ session, carrier: request }))
      },
    })
  }
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => app.close() }
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.status !== undefined) reply.code(answer.status)
  reply.headers({ ...answer.headers })
  for (const cookie of answer.cookies ?? []) reply.header('Set-Cookie', cookie)
  switch (answer.type) {
    case 'text':
    case 'json':
    case 'stream':
      return reply.send(answer.body)
    case 'redirect':
      return reply.redirect(answer.location)
    case 'empty':
      return reply.code(answer.status ?? 204).send()
  }
}

describe('Fastify 5', () => {
  it('is what is loaded', () => {
    expect(Fastify().version).toMatch(/^5\./)
  })
})
bindingConformance({ name: 'Fastify 5', serve, runner: { describe, it } })
