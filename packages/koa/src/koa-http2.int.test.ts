import { once } from 'node:events'
import http2, { type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import Koa from 'koa'
import { expect, it } from 'vitest'

import { createSessions, koaSessions, memoryStore } from './index.ts'

async function get(client: ClientHttp2Session, path: string, cookie?: string): Promise<[IncomingHttpHeaders, unknown]> {
  const stream = client.request({ ':path': path, ...(cookie === undefined ? {} : { cookie }) })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return [headers, JSON.parse(await text(stream)) as unknown]
}

it('serves sessions over HTTP/2', async () => {
  const sessions = createSessions<{ visits: number }>({ store: memoryStore() })
  const app = new Koa()
  app.use(koaSessions(sessions))
  app.use((ctx) => {
    const session = sessions.of(ctx)
    session.increment('visits')
    ctx.body = { visits: session.get('visits') }
  })
  const handle = app.callback()
  const server = http2.createServer((request, response) => void handle(request as never, response as never))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const [headers, first] = await get(client, '/')
    expect(first).toEqual({ visits: 1 })
    expect(headers['cache-control']).toBe('no-store')
    const [cookie] = headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^id=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
    const [, second] = await get(client, '/', cookie?.split(';')[0])
    expect(second).toEqual({ visits: 2 })
  } finally {
    client.close()
    server.close()
  }
})
