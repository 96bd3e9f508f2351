/** cookie-session: the whole session in a signed cookie. */
import type { Server } from 'node:http'

import cookieSession from 'cookie-session'
import express, { type Request } from 'express'

import { NOBODY, ONE_DAY, SECRET } from '../contender.ts'
import { listening } from '../listening.ts'
import { type SessionFields, fieldsOf } from '../session-fields.ts'

/** The types of cookie-session would give every request of the program a session. */
type SessionRequest = Omit<Request, 'session'> & { session: Partial<SessionFields> | null }

export function start(): Promise<Server> {
  const app = express()
  app.use(cookieSession({ keys: [SECRET], maxAge: ONE_DAY }))
  app.post('/login/:user/:size', (req, res) => {
    const { user, size } = req.params
    ;(req as SessionRequest).session = fieldsOf(user, size)
    res.json({ user, visits: 0 })
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', (req, res) => {
    const { session } = req as SessionRequest
    res.json({ user: session?.user ?? null, visits: session?.visits ?? 0 })
  })
  app.post('/write', (req, res) => {
    const { session } = req as SessionRequest
    if (session !== null) session.visits = (session.visits ?? 0) + 1
    res.json({ user: session?.user ?? null, visits: session?.visits ?? 0 })
  })
  app.post('/logout', (req, res) => {
    ;(req as SessionRequest).session = null
    res.json(NOBODY)
  })
  return listening(app.listen(0, '127.0.0.1'))
}
