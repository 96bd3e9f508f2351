import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import express, { type Express, type RequestHandler, Router } from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, it } from 'vitest'

import { createSessions, expressSessions, memoryStore } from './index.ts'

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function textsOf(app: Express | Server, paths: readonly string[]): Promise<string[]> {
  const server = app.listen(0, '127.0.0.1') as Server
  closers.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const texts: string[] = []
  for (const path of paths) texts.push(await (await fetch(url + path)).text())
  return texts
}

const sessions = createSessions<{ name: string }>({ store: memoryStore() })

/** Tells what `req.session` is. */
const tell: RequestHandler = (request, response) => {
  const { session } = request as { session?: object }
  response.send(session === undefined ? 'none' : session === sessions.of(request) ? 'ours' : 'foreign')
}

const MAJORS = [
  { major: 5, create: express },
  { major: 4, create: express4 as unknown as typeof express },
]

describe.each(MAJORS)('req.session of Express $major', ({ create }) => {
  it('is there in applications below that one, however they were put there', async () => {
    const app = create()
    app.use(expressSessions(sessions))
    app.use('/mounted', create().get('/', tell))
    app.use('/routed', Router().use(create().get('/', tell)))
    const called = create().get('/called', tell)
    app.get('/called', (request, response) => void called(request, response))
    const paths = ['/mounted', '/routed', '/called']
    expect(await textsOf(app, [...paths, ...paths])).toEqual(Array.from({ length: 6 }, () => 'ours'))
  })

  it('is there above the application that mounted it', async () => {
    const app = create()
    app.use('/below', create().use(expressSessions(sessions)))
    app.use(tell)
    expect(await textsOf(app, ['/below', '/', '/below'])).toEqual(['ours', 'none', 'ours'])
  })

  it('belongs to somebody else where we are not mounted', async () => {
    const app = create()
    app.get('/ours', expressSessions(sessions), tell)
    const foreign: RequestHandler = (request, _response, next) => {
      Object.assign(request, { session: { user: 'ann' } })
      Object.assign(request, { session: { user: 'bob' } })
      next()
    }
    app.get('/foreign', foreign, (request, response) => void response.json(request.session))
    const paths = ['/foreign', '/ours', '/foreign', '/ours']
    expect(await textsOf(app, paths)).toEqual(['{"user":"bob"}', 'ours', '{"user":"bob"}', 'ours'])
  })

  it('is that of the engine that a request has come to', async () => {
    const other = createSessions({ store: memoryStore() })
    const app = create()
    app.get('/ours', expressSessions(sessions), tell)
    app.get('/other', expressSessions(other), (request, response) => {
      response.send(String(Object.is(request.session, other.of(request))))
    })
    expect(await textsOf(app, ['/ours', '/other', '/ours', '/other'])).toEqual(['ours', 'true', 'ours', 'true'])
  })
})

describe('req.session of node:http', () => {
  it('is on each request, and nothing on what Node has for all', async () => {
    const enter = expressSessions(sessions)
    const server = createServer((request, response) => {
      enter(request, response, () => void response.end(String(Object.hasOwn(request, 'session'))))
    })
    expect(await textsOf(server, ['/', '/'])).toEqual(['true', 'true'])
  })

  it('comes through an application of Express 4 in one of Express 5', async () => {
    const app = express().use(expressSessions(sessions))
    const older = MAJORS[1]!.create().get('/', tell)
    expect(await textsOf(app.use('/older', older), ['/older'])).toEqual(['ours'])
  })
})
