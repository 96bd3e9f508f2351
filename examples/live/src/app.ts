import { createServer, type Server } from 'node:http'
import { join } from 'node:path'

import { expressSessions, type Sessions } from '@holdfast/express'
import express from 'express'

import { serveEvents } from './events.ts'
import { serveSocketIo } from './socket-io.ts'
import { serveWebSockets } from './web-sockets.ts'

const USER = 'ada'

/** Wires the routes, and the connections beside them. */
export function createLiveServer(sessions: Sessions): Server {
  const app = express()
  app.use(express.static(join(import.meta.dirname, '../public')))
  app.get('/events', expressSessions(sessions, { passive: true, load: 'strict' }), serveEvents(sessions))
  app.use(expressSessions(sessions))

  app.post('/login', (req, res) => {
    req.session.login(USER)
    res.json({ user: USER })
  })
  app.post('/renew', (req, res) => {
    req.session.renew()
    res.json({ user: req.session.subject ?? null })
  })
  app.post('/logout', (req, res) => {
    req.session.logout()
    res.json({ user: null })
  })
  app.post('/end-others', async (req, res) => {
    res.json({ ended: await sessions.endOthers(req.session) })
  })

  const server = createServer(app)
  serveWebSockets(server, sessions)
  serveSocketIo(server, sessions)
  return server
}
