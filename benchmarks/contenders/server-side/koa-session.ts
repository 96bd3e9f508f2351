/** koa-session with an external store: ioredis and JSON, as its documentation shows. */
import type { Server } from 'node:http'

import { Redis } from 'ioredis'
import Koa from 'koa'
import session, { type SessionOptions } from 'koa-session'

import { NOBODY, ONE_DAY, SECRET, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import { type SessionFields, fieldsOf } from '../session-fields.ts'

interface SessionContext {
  session: Partial<SessionFields> | null
}

export function start({ redisUrl }: Surroundings): Promise<Server> {
  const app = new Koa<Koa.DefaultState, SessionContext>()
  app.keys = [SECRET]
  app.use(session({ maxAge: ONE_DAY, rolling: false, renew: false, store: redisStore(new Redis(redisUrl)) }, app))
  app.use((ctx) => {
    const [, route, user = '', size = ''] = ctx.path.split('/')
    switch (route) {
      case 'login':
        ctx.session = fieldsOf(user, size)
        ctx.body = { user, visits: 0 }
        return
      case 'none':
        ctx.body = NOBODY
        return
      case 'read':
      case 'write':
        if (route === 'write' && ctx.session !== null) ctx.session.visits = (ctx.session.visits ?? 0) + 1
        ctx.body = { user: ctx.session?.user ?? null, visits: ctx.session?.visits ?? 0 }
        return
      case 'logout':
        ctx.session = null
        ctx.body = NOBODY
    }
  })
  return listening(app.listen(0, '127.0.0.1'))
}

function redisStore(redis: Redis): NonNullable<SessionOptions['store']> {
  return {
    get: async (key) => {
      const text = await redis.get(`koa:${key}`)
      return text === null ? null : (JSON.parse(text) as unknown)
    },
    set: async (key, data) => {
      await redis.set(`koa:${key}`, JSON.stringify(data), 'PX', ONE_DAY)
    },
    destroy: async (key) => {
      await redis.del(`koa:${key}`)
    },
  }
}
