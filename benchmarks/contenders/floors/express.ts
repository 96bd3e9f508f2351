/** The least that can be done for a session in Express. */
import type { Server } from 'node:http'

import express from 'express'

import { NOBODY, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import type { SessionFields } from '../session-fields.ts'
import { sessionsByHand } from './sessions-by-hand.ts'

export function start(surroundings: Surroundings): Promise<Server> {
  const sessions = sessionsByHand(surroundings)
  const app = express()
  app.post('/login/:user/:size', async (req, res) => {
    res.setHeader('Set-Cookie', await sessions.login(req.params.user, req.params.size))
    res.json({ user: req.params.user, visits: 0 })
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', (req, res, next) => {
    const answer = (fields: SessionFields | undefined): void => {
      res.json(fields === undefined ? NOBODY : { user: fields.user, visits: fields.visits })
    }
    const found = sessions.find(req.headers.cookie)
    if (found instanceof Promise) found.then(answer).catch(next)
    else answer(found)
  })
  app.post('/write', async (req, res) => {
    const fields = await sessions.find(req.headers.cookie)
    if (fields === undefined) return res.json(NOBODY)
    const changed = { ...fields, visits: fields.visits + 1 }
    await sessions.save(req.headers.cookie, changed)
    return res.json({ user: changed.user, visits: changed.visits })
  })
  app.post('/logout', async (req, res) => {
    await sessions.end(req.headers.cookie)
    res.json(NOBODY)
  })
  return listening(app.listen(0, '127.0.0.1'))
}
