import type { Sessions } from '@holdfast/express'
import type { Request, Response } from 'express'

import { isUserSession, tie } from './live-session.ts'

/** Answers with server-sent events. Stands behind a binding that is `passive`: an `EventSource` that reconnects is no use. */
export function serveEvents(sessions: Sessions): (req: Request, res: Response) => void {
  return (req, res) => {
    const { session } = req
    // To anything else an EventSource comes back, again and again.
    if (!isUserSession(session)) return void res.status(204).end()
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const untie = tie(sessions, session, {
      send: (message) => res.write(`data: ${JSON.stringify(message)}\n\n`),
      close: () => res.end(),
    })
    res.on('close', untie)
  }
}
