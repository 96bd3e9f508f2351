import { createSessions, koaSessions } from '@holdfast/koa'
import Koa from 'koa'

import { type Contender, FIELDS } from '../contender.ts'
import { distantStore, PATIENT } from './distant-store.ts'
import { running } from '../running.ts'

export const holdfastKoa: Contender = {
  name: 'Holdfast, Koa',
  store: 'distant',
  start: (desk) => {
    const sessions = createSessions({ store: distantStore(), ...PATIENT })
    const app = new Koa()
    // Koa would print the expected ERR_GONE of every slow request.
    app.silent = true
    app.use(koaSessions(sessions))

    app.use(async (ctx) => {
      const session = sessions.of(ctx)
      const [, route, field = '', errand = ''] = ctx.path.split('/')
      switch (`${ctx.method} /${route}`) {
        case 'POST /login':
          session.login('ada')
          return ctx.redirect('/me')
        case 'GET /me':
          ctx.body = { user: session.subject ?? null, fields: FIELDS.filter((name) => session.get(name) === 'set') }
          return
        case 'POST /fields':
          await desk.run(errand)
          session.set(field, 'set')
          ctx.status = 204
          return
        case 'POST /logout':
          session.logout()
          ctx.status = 204
      }
    })

    return running(app.listen(0, '127.0.0.1'), () => sessions.close())
  },
}
