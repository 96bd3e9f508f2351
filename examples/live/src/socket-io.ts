import type { Server as HttpServer } from 'node:http'

import type { Sessions } from '@holdfast/express'
import { type DefaultEventsMap, Server } from 'socket.io'

import { type LiveMessage, openSession, tie, type UserSession } from './live-session.ts'

interface ServerEvents {
  session(message: LiveMessage): void
}

/** Serves Socket.IO at its own address, and tells the event `session`. */
export function serveSocketIo(server: HttpServer, sessions: Sessions): void {
  const io = new Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, { session: UserSession }>(server, {
    // Upgrades of others are no business of this one.
    destroyUpgrade: false,
  })

  io.use((socket, next) => {
    openSession(sessions, socket.request).then((session) => {
      if (session === undefined) return next(new Error('signed out'))
      socket.data.session = session
      next()
    }, next)
  })

  io.on('connection', (socket) => {
    const untie = tie(sessions, socket.data.session, {
      send: (message) => socket.emit('session', message),
      close: () => socket.disconnect(true),
    })
    socket.on('disconnect', untie)
  })
}
