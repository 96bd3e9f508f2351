import Koa, { type Context } from 'koa'
import Koa2 from 'koa2'
import { describe, expectTypeOf, it } from 'vitest'

import { type Session, createSessions, koaSessions, memoryStore } from './index.ts'

describe('the types', () => {
  const sessions = createSessions<{ cart: string[] }>({ store: memoryStore() })

  it('fit an application of Koa 3 and 2, whatever its state and context are', () => {
    new Koa().use(koaSessions(sessions)).use((ctx) => {
      expectTypeOf(ctx.session).toEqualTypeOf<Session>()
    })
    new Koa<{ user: string }, { log: () => void }>().use(koaSessions(sessions)).use((ctx) => {
      expectTypeOf(ctx.session).toEqualTypeOf<Session>()
    })
    const app2 = new Koa2()
    expectTypeOf(app2.use).toBeFunction()
    app2.use(koaSessions(sessions, { passive: true }))
  })

  it('give contexts a session that cannot be assigned', () => {
    expectTypeOf<Context['session']>().toEqualTypeOf<Session>()
    const assign = (ctx: Context, session: Session): void => {
      // @ts-expect-error the property is read only
      ctx.session = session
    }
    expectTypeOf(assign).toBeFunction()
  })
})
