import { createSessions, expressSessions } from '@holdfast/express'
import express, { type NextFunction, type Request, type Response } from 'express'

import { type Contender, FIELDS } from '../contender.ts'
import { distantStore, PATIENT } from './distant-store.ts'
import { running } from '../running.ts'

export const holdfastExpress: Contender = {
  name: 'Holdfast, Express',
  store: 'distant',
  start: (desk) => {
    const sessions = createSessions({ store: distantStore(), ...PATIENT })
    const app = express()
    // The name is free: `req.session` belongs to express-session's types in this program.
    app.use(expressSessions(sessions, { property: 'hold' }))

    app.post('/login', (req, res) => {
      sessions.of(req).login('ada')
      res.redirect('/me')
    })

    app.get('/me', (req, res) => {
      const session = sessions.of(req)
      res.json({ user: session.subject ?? null, fields: FIELDS.filter((name) => session.get(name) === 'set') })
    })

    app.post('/fields/:field/:errand', async (req, res) => {
      await desk.run(req.params.errand)
      sessions.of(req).set(req.params.field, 'set')
      res.sendStatus(204)
    })

    app.post('/logout', (req, res) => {
      sessions.of(req).logout()
      res.sendStatus(204)
    })

    // Express would print the expected ERR_GONE of every slow request.
    app.use((error: { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
      res.sendStatus(error.status ?? 500)
    })

    return running(app.listen(0, '127.0.0.1'), () => sessions.close())
  },
}
