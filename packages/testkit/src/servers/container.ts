import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { request } from 'node:http'

import type { SharedServer } from './shared-servers.ts'

const SOCKET = '/var/run/docker.sock'

/** How long an engine may take to say that it is there, in milliseconds. */
const PATIENCE = 2_000

/** Tells whether a Docker engine answers. One that only `DOCKER_HOST` names is taken at its word. */
export async function isDockerThere(): Promise<boolean> {
  if (process.env['DOCKER_HOST'] !== undefined) return true
  if (!existsSync(SOCKET)) return false
  return new Promise((resolve) => {
    const asking = request({ socketPath: SOCKET, path: '/_ping', timeout: PATIENCE })
    asking.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => resolve(false))
    asking.on('close', () => resolve(false))
    asking.end()
  })
}

/** Starts a server in a container, behind a password, since its port may be open to others. It ends with this process. */
export async function startContainer(server: SharedServer): Promise<{ url: string; stop(): Promise<unknown> }> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const password = randomBytes(12).toString('hex')
  if (server === 'redis') {
    const container = await new GenericContainer('redis:7-alpine')
      .withCommand(['redis-server', '--save', '', '--requirepass', password])
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start()
    const url = `redis://:${password}@${container.getHost()}:${container.getMappedPort(6379)}`
    return { url, stop: () => container.stop() }
  }
  const container = await new GenericContainer('postgres:17-alpine')
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withExposedPorts(5432)
    // The first time is the server that only sets the database up.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start()
  const url = `postgres://postgres:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`
  return { url, stop: () => container.stop() }
}
