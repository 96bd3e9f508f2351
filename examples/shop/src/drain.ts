import { once } from 'node:events'
import type { Server } from 'node:http'

import type { Sessions } from '@holdfast/express'

const PATIENCE = 10_000
const IDLE_CHECK = 100

/**
 * Stops serving without breaking a promise: no new connections, requests under way get their answers, and only then
 * are the sessions closed, which waits for their last commits and touches. What takes longer than ten seconds is cut.
 */
export async function drain(server: Server, sessions: Sessions): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), PATIENCE)
  // Connections whose last request has just been answered would otherwise be kept alive for another one.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_CHECK)
  server.close()
  await once(server, 'close')
  clearTimeout(cut)
  clearInterval(sweep)
  await sessions.close()
}
