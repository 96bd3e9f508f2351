import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Below the ports that systems hand out to outgoing connections: those would be taken while a server is down, and a
 * client that keeps dialling one of them may in the end connect to itself. The ports up to 29,999 are left to the buses
 * of Redis Cluster, which lie 10,000 above the servers' own.
 */
const LOWEST = 10_000
const SLICES = 200
const SLICE = 50
const BUS = 10_000

let slice: Promise<number[]> | undefined

/**
 * Finds a port on 127.0.0.1 that nobody listens on, nor on the one 10,000 above, which Redis Cluster takes as well. No
 * process is given it again as long as this one lives, so that a server can come back to it after it was down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const current = (slice ??= takeSlice())
    const port = (await current).shift()
    if (port === undefined) {
      if (slice === current) slice = undefined
    } else if ((await isFree(port)) && (await isFree(port + BUS))) return port
  }
}

/** Ports belong to the process that listens on the first of their slice. */
async function takeSlice(): Promise<number[]> {
  const start = Math.floor(Math.random() * SLICES)
  for (let tries = 0; tries < SLICES; tries++) {
    const first = LOWEST + ((start + tries) % SLICES) * SLICE
    const claim = await listen(first)
    if (claim === undefined) continue
    claim.unref()
    return Array.from({ length: SLICE - 1 }, (_, index) => first + 1 + index)
  }
  throw new Error(`All ports from ${LOWEST} to ${LOWEST + SLICES * SLICE - 1} are in use on 127.0.0.1.`)
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port)
  server?.close()
  return server !== undefined
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer((stranger) => stranger.destroy())
  try {
    await once(server.listen({ port, host: '127.0.0.1', exclusive: true }), 'listening')
    return server
  } catch {
    return undefined
  }
}
