import Koa from 'koa'
import session from 'koa-session'

import { type Contender, FIELDS } from '../contender.ts'
import { distantKoaStore } from './distant-stores.ts'
import { running } from '../running.ts'

interface PeerContext {
  session: Record<string, unknown> | null
}

export const koaSession: Contender = {
  name: 'koa-session',
  store: 'distant',
  start: (desk) => {
    const app = new Koa<Koa.DefaultState, PeerContext>()
    app.keys = ['a secret only for races']
    app.use(session({ store: distantKoaStore() }, app))

    app.use(async (ctx) => {
      const [, route, field = '', errand = ''] = ctx.path.split('/')
      switch (`${ctx.method} /${route}`) {
        case 'POST /login':
          ctx.session = { user: 'ada' }
          return ctx.redirect('/me')
        case 'GET /me': {
          const data = ctx.session
          ctx.body = { user: data?.user ?? null, fields: FIELDS.filter((name) => data?.[name] === 'set') }
          return
        }
        case 'POST /fields':
          await desk.run(errand)
          if (ctx.session !== null) ctx.session[field] = 'set'
          ctx.status = 204
          return
        case 'POST /logout':
          ctx.session = null
          ctx.status = 204
      }
    })

    return running(app.listen(0, '127.0.0.1'))
  },
}
