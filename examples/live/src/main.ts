import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { createSessions, memoryStore } from '@holdfast/express'

import { createLiveServer } from './app.ts'

// With another store, several processes tell each other's connections.
const sessions = createSessions({ store: memoryStore() })
const server = createLiveServer(sessions).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
await once(server, 'listening')
console.log(`Live connections at http://127.0.0.1:${(server.address() as AddressInfo).port} (Ctrl+C ends them)`)

process.once('SIGTERM', stop)
process.once('SIGINT', stop)

async function stop(): Promise<void> {
  await sessions.close()
  // Connections that stay open are no requests under way.
  process.exit()
}
