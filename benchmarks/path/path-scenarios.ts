/** What is asked of a server within its own process. */
import type { Server } from 'node:http'

import { cookieHeader } from '../src/load/request-text.ts'
import { type Ask, connectInside } from './injected-connections.ts'

const CONNECTIONS = 32

export interface PathScenario {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly size: '350' | '4k' | undefined
  readonly users: number
}

export const PATH_SCENARIOS: readonly PathScenario[] = [
  { name: 'none', method: 'GET', path: '/none', size: undefined, users: 0 },
  { name: 'untouched', method: 'GET', path: '/none', size: '350', users: 32 },
  { name: 'read350', method: 'GET', path: '/read', size: '350', users: 32 },
  { name: 'read4k', method: 'GET', path: '/read', size: '4k', users: 32 },
  { name: 'write350', method: 'POST', path: '/write', size: '350', users: 32 },
  { name: 'write4k', method: 'POST', path: '/write', size: '4k', users: 32 },
]

/** Connections of a server, and the requests of its users. */
export interface Visitors {
  readonly connections: readonly Ask[]
  readonly requests: readonly Buffer[]
}

/** Connects to a server, and signs in whoever the scenario needs. */
export async function visitorsOf(server: Server, { method, path, size, users }: PathScenario): Promise<Visitors> {
  const connections = connectInside(server, CONNECTIONS)
  const requests: Buffer[] = []
  for (let user = 0; user < Math.max(1, users); user++) {
    const cookie = size === undefined ? undefined : await signIn(connections, `/login/user-${user}/${size}`)
    requests.push(requestOf(method, path, cookie))
  }
  return { connections, requests }
}

function requestOf(method: string, path: string, cookie?: string): Buffer {
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${length}Cookie: ${cookieHeader(cookie)}\r\n\r\n`,
  )
}

function signIn(connections: readonly Ask[], path: string): Promise<string> {
  return new Promise((resolve) => {
    connections[0]!(requestOf('POST', path), (head) => resolve(/set-cookie: ([^;]*)/i.exec(head)![1]!))
  })
}
