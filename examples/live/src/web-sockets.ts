import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Sessions } from '@holdfast/express'
import { WebSocketServer } from 'ws'

import { openSession, tie } from './live-session.ts'

/** The application's own: 4000 and more are free, and this one reminds of a status. */
const SIGNED_OUT = 4401

/** Serves WebSockets at `/ws` by `ws`. Other upgrades are left to others. */
export function serveWebSockets(server: Server, sessions: Sessions): void {
  const sockets = new WebSocketServer({ noServer: true })

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const session = await openSession(sessions, request)
    if (session === undefined) return void socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (connection) => {
      const untie = tie(sessions, session, {
        send: (message) => connection.send(JSON.stringify(message)),
        close: (reason) => connection.close(SIGNED_OUT, reason),
      })
      connection.on('close', untie)
      connection.on('error', console.error)
    })
  }

  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/ws') return
    // Until `ws` takes the socket over, nobody else would hear of its errors.
    const drop = (): void => void socket.destroy()
    socket.on('error', drop)
    upgrade(request, socket, head)
      .catch(() => socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n'))
      .finally(() => socket.off('error', drop))
  })
}
