import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that systems hand out to outgoing connections: those would be taken while a server is down, and a
 * client that keeps dialling one of them may in the end connect to itself.
 */
const LOWEST = 10_000
const HIGHEST = 21_999

/** How far from its own port Redis Cluster opens its bus. */
const BUS = 10_000

const TRIES = 50

/** Finds a port on 127.0.0.1 that nobody listens on, nor on the one 10,000 above, which Redis Cluster takes as well. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
    if ((await isFree(port)) && (await isFree(port + BUS))) return port
  }
  throw new Error(`None of ${TRIES} ports between ${LOWEST} and ${HIGHEST} is free on 127.0.0.1.`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen({ port, host: '127.0.0.1', exclusive: true }), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
