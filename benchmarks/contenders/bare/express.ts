/** Express without sessions: what everything that keeps them is compared with. */
import type { Server } from 'node:http'

import express from 'express'

import { NOBODY } from '../contender.ts'
import { listening } from '../listening.ts'
import { KNOWN, placeboCookie } from './placebo.ts'

export function start(): Promise<Server> {
  const app = express()
  app.post('/login/:user/:size', (_req, res) => {
    res.setHeader('Set-Cookie', placeboCookie())
    res.json(KNOWN)
  })
  app.get('/none', (_req, res) => void res.json(NOBODY))
  app.get('/read', (_req, res) => void res.json(KNOWN))
  app.post('/write', (_req, res) => void res.json(KNOWN))
  app.post('/logout', (_req, res) => void res.json(NOBODY))
  return listening(app.listen(0, '127.0.0.1'))
}
