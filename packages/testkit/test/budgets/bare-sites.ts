/** The frameworks without sessions: what their requests cost anyway. */
import { createServer } from 'node:http'

import express from 'express'
import { fastify } from 'fastify'
import Koa from 'koa'

import { listen, shut } from '../frameworks/site.ts'

export interface BareSite {
  readonly url: string
  close(): Promise<void>
}

const ANSWER = 'nobody asked for a session'

export const BARE_SITES: Readonly<Record<string, () => Promise<BareSite>>> = {
  'Express 5': async () => {
    const app = express()
    app.get('/plain', (_request, response) => void response.json(ANSWER))
    const server = createServer(app)
    return { url: await listen(server, {}), close: () => shut(server) }
  },
  'Koa 3': async () => {
    const app = new Koa()
    app.use((context) => {
      context.body = JSON.stringify(ANSWER)
    })
    const server = createServer((request, response) => void app.callback()(request, response))
    return { url: await listen(server, {}), close: () => shut(server) }
  },
  'Fastify 5': async () => {
    const app = fastify()
    app.get('/plain', async (_request, reply) => reply.send(ANSWER))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    return { url, close: () => app.close() }
  },
}
