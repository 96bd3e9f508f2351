/** The least that can be done for a session in Koa. */
import type { Server } from 'node:http'

import Koa from 'koa'

import { NOBODY, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import type { SessionFields } from '../session-fields.ts'
import { sessionsByHand } from './sessions-by-hand.ts'

export function start(surroundings: Surroundings): Promise<Server> {
  const sessions = sessionsByHand(surroundings)
  const app = new Koa()
  app.use((ctx): Promise<void> | void => {
    const [, route, user = '', size = ''] = ctx.path.split('/')
    const { cookie } = ctx.req.headers
    const answer = (fields: SessionFields | undefined): void => {
      ctx.body = fields === undefined ? NOBODY : { user: fields.user, visits: fields.visits }
    }
    switch (route) {
      case 'login':
        return sessions.login(user, size).then((line) => {
          ctx.set('Set-Cookie', line)
          ctx.body = { user, visits: 0 }
        })
      case 'none':
        ctx.body = NOBODY
        return
      case 'read': {
        const found = sessions.find(cookie)
        return found instanceof Promise ? found.then(answer) : answer(found)
      }
      case 'write':
        return countUp(sessions, cookie).then(answer)
      case 'logout':
        return sessions.end(cookie).then(() => answer(undefined))
    }
  })
  return listening(app.listen(0, '127.0.0.1'))
}

async function countUp(
  sessions: ReturnType<typeof sessionsByHand>,
  cookie: string | undefined,
): Promise<SessionFields | undefined> {
  const fields = await sessions.find(cookie)
  if (fields === undefined) return undefined
  const changed = { ...fields, visits: fields.visits + 1 }
  await sessions.save(cookie, changed)
  return changed
}
