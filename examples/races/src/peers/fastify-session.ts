import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'

import { type Contender, FIELDS } from '../contender.ts'
import { distantFastifyStore } from './distant-stores.ts'

declare module 'fastify' {
  interface Session {
    user?: string
    [field: string]: unknown
  }
}

export const fastifySession: Contender = {
  name: '@fastify/session',
  store: 'distant',
  start: async (desk) => {
    const app = Fastify()
    await app.register(cookie)
    await app.register(session, {
      secret: 'a secret only for races, and a long one',
      cookie: { secure: 'auto' },
      saveUninitialized: false,
      // By default every request writes the whole session back, and loses still more.
      rolling: false,
      store: distantFastifyStore(),
    })

    app.post('/login', async (request, reply) => {
      await request.session.regenerate()
      request.session.user = 'ada'
      return reply.redirect('/me', 303)
    })

    app.get('/me', async ({ session: data }) => ({
      user: data.user ?? null,
      fields: FIELDS.filter((name) => data[name] === 'set'),
    }))

    app.post<{ Params: { field: string; errand: string } }>('/fields/:field/:errand', async (request, reply) => {
      await desk.run(request.params.errand)
      request.session[request.params.field] = 'set'
      return reply.code(204).send()
    })

    app.post('/logout', async (request, reply) => {
      await request.session.destroy()
      return reply.code(204).send()
    })

    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  },
}
