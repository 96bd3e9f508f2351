import { once } from 'node:events'
import { type RequestListener, type Server, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import { afterEach, describe, expect, it } from 'vitest'

import { type Session, createSessions, isHoldfastError, memoryStore, nodeExchange } from '../src/index.ts'
import { codeOf } from './visit.ts'

interface Data {
  visits: number
}

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(listener?: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

describe('a plain server of node:http', () => {
  it('commits by itself before it answers', async () => {
    const store = memoryStore()
    const sessions = createSessions<Data>({ store })
    const { url } = await listen(async (request, response) => {
      const session = await sessions.open(nodeExchange(request, response))
      session.increment('visits')
      await session.commit()
      response.end(JSON.stringify([session.get('visits'), sessions.of(request) === session]))
    })
    const first = await fetch(url)
    expect(await first.json()).toEqual([1, true])
    expect(first.headers.get('cache-control')).toBe('no-store')
    const second = await fetch(url, { headers: { cookie: cookieOf(first) } })
    expect(await second.json()).toEqual([2, true])
    expect(second.headers.getSetCookie()).toEqual([])
  })

  it('answers a commit that failed as it likes, with nothing of ours on the response', async () => {
    const store = { ...memoryStore(), create: () => Promise.reject(new Error('out of order')) }
    const sessions = createSessions<Data>({ store })
    const { url } = await listen(async (request, response) => {
      const session = await sessions.open(nodeExchange(request, response))
      session.increment('visits')
      try {
        await session.commit()
      } catch (error) {
        if (isHoldfastError(error)) response.statusCode = error.status
      }
      response.end()
    })
    const response = await fetch(url)
    expect([response.status, response.headers.getSetCookie()]).toEqual([503, []])
  })

  it('cannot change its session any more after the first byte', async () => {
    const sessions = createSessions<Data>({ store: memoryStore() })
    const { url } = await listen(async (request, response) => {
      const session = await sessions.open(nodeExchange(request, response))
      response.write('first ')
      response.end(await codeOf(() => session.increment('visits')))
    })
    expect(await (await fetch(url)).text()).toBe('first ERR_RESPONSE_STARTED')
  })
})

describe('a WebSocket upgrade', () => {
  /** Lets an upgrade use a session, and answers what that led to. */
  async function upgrade(use: (session: Session<Data>) => unknown): Promise<{ result: unknown; visits: unknown }> {
    const sessions = createSessions<Data>({ store: memoryStore() })
    const { server, url } = await listen(async (request, response) => {
      const session = await sessions.open(nodeExchange(request, response))
      session.set('visits', 1)
      await session.commit()
      response.end()
    })
    const results: unknown[] = []
    server.on('upgrade', (request, socket: Duplex) => {
      const run = async (): Promise<void> => {
        const session = await sessions.open(nodeExchange(request))
        results.push(await use(session))
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      }
      run().catch((error: unknown) => {
        results.push(isHoldfastError(error) ? error.code : error)
        socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n')
      })
    })
    const cookie = cookieOf(await fetch(url))
    const headers = { cookie, connection: 'Upgrade', upgrade: 'websocket' }
    const asking = send(url, { headers }).end()
    await Promise.race([once(asking, 'upgrade'), once(asking, 'response')])
    asking.destroy()
    const kept = await sessions.open({ secure: false, header: () => cookie })
    return { result: results[0], visits: kept.get('visits') }
  }

  it('reads the session', async () => {
    expect(await upgrade((session) => session.get('visits'))).toEqual({ result: 1, visits: 1 })
  })

  it('commits changes of the fields of a known session', async () => {
    const change = async (session: Session<Data>): Promise<string> => {
      session.increment('visits')
      await session.commit()
      return 'saved'
    }
    expect(await upgrade(change)).toEqual({ result: 'saved', visits: 2 })
  })

  it.each(['login', 'renew'] as const)('refuses to commit a %s, whose token it could not send', async (verb) => {
    const change = async (session: Session<Data>): Promise<void> => {
      if (verb === 'login') session.login('ann')
      else session.renew()
      await session.commit()
    }
    expect(await upgrade(change)).toEqual({ result: 'ERR_NO_RESPONSE', visits: 1 })
  })

  it('ends a session, which needs no answer', async () => {
    const change = async (session: Session<Data>): Promise<string> => {
      session.destroy()
      await session.commit()
      return 'ended'
    }
    expect(await upgrade(change)).toEqual({ result: 'ended', visits: undefined })
  })
})
