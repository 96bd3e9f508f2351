/** Holdfast in Koa. */
import type { Server } from 'node:http'

import { koaSessions } from '@holdfast/koa'
import Koa from 'koa'

import { NOBODY, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import { answerOf, countUp, engineFor, login } from './engine.ts'

export async function start(surroundings: Surroundings): Promise<Server> {
  const app = new Koa()
  app.use(koaSessions(await engineFor(surroundings)))
  app.use((ctx) => {
    const [, route, user = '', size = ''] = ctx.path.split('/')
    switch (route) {
      case 'login':
        login(ctx.session, user, size)
        ctx.body = answerOf(ctx.session)
        return
      case 'none':
        ctx.body = NOBODY
        return
      case 'read':
        ctx.body = answerOf(ctx.session)
        return
      case 'write':
        countUp(ctx.session, surroundings)
        ctx.body = answerOf(ctx.session)
        return
      case 'logout':
        ctx.session.logout()
        ctx.body = NOBODY
    }
  })
  return listening(app.listen(0, '127.0.0.1'))
}
