import express from 'express'
import session from 'express-session'

import { type Contender, FIELDS } from '../contender.ts'
import { DistantExpressStore } from './distant-stores.ts'
import { running } from '../running.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    [field: string]: unknown
  }
}

export interface ExpressSessionTerms {
  readonly isDistant: boolean
  /** Whether the login calls `save()` before it redirects, as its README shows; forgotten easily, since nothing warns. */
  readonly savesByHand: boolean
}

export function expressSession({ isDistant, savesByHand }: ExpressSessionTerms): Contender {
  return {
    name: savesByHand ? 'express-session, save() by hand' : 'express-session',
    store: isDistant ? 'distant' : 'MemoryStore',
    start: (desk) => {
      const app = express()
      app.use(
        session({
          secret: 'a secret only for races',
          resave: false,
          saveUninitialized: false,
          store: isDistant ? new DistantExpressStore() : new session.MemoryStore(),
        }),
      )

      app.post('/login', (req, res, next) => {
        req.session.regenerate((error) => {
          if (error) return next(error)
          req.session.user = 'ada'
          if (!savesByHand) return res.redirect('/me')
          req.session.save((failure) => (failure ? next(failure) : res.redirect('/me')))
        })
      })

      app.get('/me', (req, res) => {
        res.json({ user: req.session.user ?? null, fields: FIELDS.filter((field) => req.session[field] === 'set') })
      })

      app.post('/fields/:field/:errand', async (req, res) => {
        await desk.run(req.params.errand)
        req.session[req.params.field] = 'set'
        res.sendStatus(204)
      })

      app.post('/logout', (req, res, next) => {
        req.session.destroy((error) => (error ? next(error) : res.sendStatus(204)))
      })

      return running(app.listen(0, '127.0.0.1'))
    },
  }
}
