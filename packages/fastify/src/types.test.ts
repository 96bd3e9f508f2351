import Fastify, { type FastifyRequest } from 'fastify'
import { describe, expectTypeOf, it } from 'vitest'

import { type Session, createSessions, fastifySessions, memoryStore } from './index.ts'

describe('the types', () => {
  const sessions = createSessions<{ cart: string[] }>({ store: memoryStore() })

  it('fit an application, whatever the sessions of the engine hold', () => {
    const app = Fastify()
    void app.register(fastifySessions, { sessions, load: 'lazy' })
    app.get('/', { config: { session: { load: 'eager', passive: true } } }, async (request) => {
      expectTypeOf(request.session).toEqualTypeOf<Session>()
      expectTypeOf(sessions.of(request).get('cart')).toEqualTypeOf<readonly string[] | undefined>()
    })
    // @ts-expect-error there is no such way to load
    app.get('/soon', { config: { session: { load: 'soon' } } }, async () => 'soon')
    // @ts-expect-error an engine is needed
    void app.register(fastifySessions, { sessions: {} })
  })

  it('give requests a session that cannot be assigned', () => {
    const assign = (request: FastifyRequest, session: Session): void => {
      // @ts-expect-error the property is read only
      request.session = session
    }
    expectTypeOf(assign).toBeFunction()
  })
})
