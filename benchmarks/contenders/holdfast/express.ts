/** Holdfast in Express. */
import type { Server } from 'node:http'

import { expressSessions } from '@holdfast/express'
import express from 'express'

import { NOBODY, type Surroundings } from '../contender.ts'
import { listening } from '../listening.ts'
import { answerOf, countUp, engineFor, login } from './engine.ts'

export async function start(surroundings: Surroundings): Promise<Server> {
  const app = express()
  app.use(expressSessions(await engineFor(surroundings)))
  app.post('/login/:user/:size', (req, res) => {
    login(req.session, req.params.user, req.params.size)
    res.json(answerOf(req.session))
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', (req, res) => void res.json(answerOf(req.session)))
  app.post('/write', (req, res) => {
    countUp(req.session, surroundings)
    res.json(answerOf(req.session))
  })
  app.post('/logout', (req, res) => {
    req.session.logout()
    res.json(NOBODY)
  })
  return listening(app.listen(0, '127.0.0.1'))
}
