import { type RequestListener, createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Readable } from 'node:stream'

import { koaSessionStatus, koaSessions } from '@holdfast/koa'
import Koa, { type Context } from 'koa'

import { type Answer, STATUS_PATH, type Serve, type SiteError, listen, shut, siteError } from './site.ts'

export const serveKoa: Serve = async (routes, sessions, options = {}) => {
  const errors: SiteError[] = []
  const app = new Koa()
  app.on('error', (error: unknown, context: Context) => errors.push(siteError(context.url, error)))
  const status = koaSessionStatus(sessions)
  app.use(koaSessions(sessions))
  app.use((context, next) => (context.path === STATUS_PATH ? status(context) : next()))
  app.use(async (context, next) => {
    const method = context.method === 'HEAD' ? 'GET' : context.method
    const route = routes.find((one) => one.method === method && one.path === context.path)
    if (route === undefined) return next()
    const query = context.query as Record<string, string>
    return say(context, await route.handle({ query, session: sessions.of(context) }))
  })
  const { certificate } = options
  const answer = app.callback()
  const handle: RequestListener = (request, response) => void answer(request, response)
  const server = certificate === undefined ? createServer(handle) : createSecureServer(certificate, handle)
  return { url: await listen(server, options), errors, close: () => shut(server) }
}

function say(context: Context, answer: Answer): void {
  switch (answer.type) {
    case 'json':
      context.body = answer.value
      return
    case 'text':
      context.body = answer.value
      return
    case 'redirect':
      return context.redirect(answer.to)
    case 'empty':
      context.status = 204
      return
    case 'stream':
      context.body = Readable.from(answer.chunks)
  }
}
