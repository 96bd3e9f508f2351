import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Readable } from 'node:stream'

import { expressSessionStatus, expressSessions } from '@holdfast/express'
import express, { type ErrorRequestHandler, type Response } from 'express'

import { type Answer, STATUS_PATH, type Serve, type SiteError, listen, shut, siteError } from './site.ts'

export const serveExpress: Serve = async (routes, sessions, options = {}) => {
  const errors: SiteError[] = []
  const app = express()
  app.use(expressSessions(sessions))
  app.use(STATUS_PATH, expressSessionStatus(sessions))
  for (const { method, path, handle } of routes) {
    const register = method === 'GET' ? app.get.bind(app) : app.post.bind(app)
    register(path, async (request, response) => {
      const query = request.query as Record<string, string>
      say(response, await handle({ query, session: sessions.of(request) }))
    })
  }
  const note: ErrorRequestHandler = (error, request, _response, next) => {
    errors.push(siteError(request.originalUrl, error))
    next(error)
  }
  app.use(note)
  const { certificate } = options
  const server = certificate === undefined ? createServer(app) : createSecureServer(certificate, app)
  return { url: await listen(server, options), errors, close: () => shut(server) }
}

function say(response: Response, answer: Answer): void {
  switch (answer.type) {
    case 'json':
      response.json(answer.value)
      return
    case 'text':
      response.type('text').send(answer.value)
      return
    case 'redirect':
      return response.redirect(answer.to)
    case 'empty':
      response.status(204).end()
      return
    case 'stream':
      Readable.from(answer.chunks).pipe(response)
  }
}
