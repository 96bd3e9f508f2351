import { once } from 'node:events'
import type { Server } from 'node:http'

/** Answers a server once it listens. */
export async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server, 'listening')
  return server
}
