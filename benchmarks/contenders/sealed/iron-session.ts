/** iron-session in Express: the whole session in a sealed cookie. Its seal of 4 KB is longer than it lets a cookie be. */
import type { Server } from 'node:http'

import express, { type Request, type Response } from 'express'
import { type IronSession, type SessionOptions, getIronSession, nodeCookies } from 'iron-session'

import { NOBODY, ONE_DAY, SECRET } from '../contender.ts'
import { listening } from '../listening.ts'
import { type SessionFields, fieldsOf } from '../session-fields.ts'

const SETTINGS: SessionOptions = {
  password: SECRET,
  cookieName: 'iron',
  ttl: ONE_DAY / 1000,
  cookieOptions: { secure: false },
}

export function start(): Promise<Server> {
  const app = express()
  app.post('/login/:user/:size', async (req, res) => {
    const session = await sessionOf(req, res)
    Object.assign(session, fieldsOf(req.params.user, req.params.size))
    await session.save()
    res.json({ user: req.params.user, visits: 0 })
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', async (req, res) => {
    const session = await sessionOf(req, res)
    res.json({ user: session.user ?? null, visits: session.visits ?? 0 })
  })
  app.post('/write', async (req, res) => {
    const session = await sessionOf(req, res)
    session.visits = (session.visits ?? 0) + 1
    await session.save()
    res.json({ user: session.user ?? null, visits: session.visits })
  })
  app.post('/logout', async (req, res) => {
    const session = await sessionOf(req, res)
    session.destroy()
    res.json(NOBODY)
  })
  return listening(app.listen(0, '127.0.0.1'))
}

function sessionOf(req: Request<unknown>, res: Response): Promise<IronSession<SessionFields>> {
  return getIronSession<SessionFields>(nodeCookies(req as Request, res), SETTINGS)
}
