import express, { type Request } from 'express'
import express4, { type Request as Request4 } from 'express4'
import { describe, expectTypeOf, it } from 'vitest'

import { type Session, createSessions, expressSessions, memoryStore } from './index.ts'

describe('the types', () => {
  const sessions = createSessions<{ cart: string[] }>({ store: memoryStore() })

  it('fit an application of Express 5 and 4, with and without a path', () => {
    for (const app of [express(), express4()]) expectTypeOf(app.use).toBeFunction()
    express()
      .use(expressSessions(sessions))
      .use('/path', expressSessions(sessions, { passive: true }))
    express4()
      .use(expressSessions(sessions))
      .use('/path', expressSessions(sessions, { passive: true }))
    express().get('/', expressSessions(sessions, { load: 'lazy' }), (request, response) => {
      expectTypeOf(request.session).toEqualTypeOf<Session>()
      response.end()
    })
    express4().get('/', expressSessions(sessions, { load: 'lazy' }), (request, response) => {
      expectTypeOf(request.session).toEqualTypeOf<Session>()
      response.end()
    })
  })

  it('give requests a session that cannot be assigned', () => {
    expectTypeOf<Request['session']>().toEqualTypeOf<Session>()
    expectTypeOf<Request4['session']>().toEqualTypeOf<Session>()
    const assign = (request: Request, session: Session): void => {
      // @ts-expect-error the property is read only
      request.session = session
    }
    expectTypeOf(assign).toBeFunction()
  })

  it('give `sessions.of` the data of its engine', () => {
    const read = (request: Request): readonly string[] | undefined => sessions.of(request).get('cart')
    expectTypeOf(read).returns.toEqualTypeOf<readonly string[] | undefined>()
    // @ts-expect-error there is no such field
    const wrong = (request: Request): unknown => sessions.of(request).get('card')
    expectTypeOf(wrong).toBeFunction()
  })
})
