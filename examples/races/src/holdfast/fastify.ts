import { createSessions, fastifySessions } from '@holdfast/fastify'
import Fastify from 'fastify'

import { type Contender, FIELDS } from '../contender.ts'
import { distantStore, PATIENT } from './distant-store.ts'

export const holdfastFastify: Contender = {
  name: 'Holdfast, Fastify',
  store: 'distant',
  start: async (desk) => {
    const sessions = createSessions({ store: distantStore(), ...PATIENT })
    const app = Fastify()
    // The name is free: `request.session` belongs to @fastify/session's types in this program.
    await app.register(fastifySessions, { sessions, property: 'hold' })

    app.post('/login', async (request, reply) => {
      sessions.of(request).login('ada')
      return reply.redirect('/me', 303)
    })

    app.get('/me', async (request) => {
      const session = sessions.of(request)
      return { user: session.subject ?? null, fields: FIELDS.filter((name) => session.get(name) === 'set') }
    })

    app.post<{ Params: { field: string; errand: string } }>('/fields/:field/:errand', async (request, reply) => {
      await desk.run(request.params.errand)
      sessions.of(request).set(request.params.field, 'set')
      return reply.code(204).send()
    })

    app.post('/logout', async (request, reply) => {
      sessions.of(request).logout()
      return reply.code(204).send()
    })

    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      url,
      close: async () => {
        await app.close()
        await sessions.close()
      },
    }
  },
}
