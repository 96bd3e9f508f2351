import { once } from 'node:events'
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { type NodeExchange, nodeExchange } from './node-exchange.ts'
import { type GateControl, NodeGate } from './node-gate.ts'

type Handle = (response: Http2ServerResponse, request: Http2ServerRequest) => unknown
type Finish = (exchange: NodeExchange) => ReturnType<GateControl['finish']>

interface Answer {
  readonly status: unknown
  readonly headers: Record<string, unknown>
  readonly body: string
}

/** Asks once over HTTP/2, by way of the compatibility layer that Koa can be served with. */
async function ask(handle: Handle, finish?: Finish): Promise<Answer> {
  const server = createServer((request, response) => {
    if (finish !== undefined) {
      const exchange = nodeExchange(request, response)
      new NodeGate(response, {
        finish: () => finish(exchange),
        fail: (error) => void response.writeHead(503).end(String(error)),
      }).arm()
    }
    handle(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const stream = client.request({ ':path': '/', cookie: 'a=1' })
    const [{ ':status': status, date: _, ...headers }] = (await once(stream, 'response')) as [Record<string, unknown>]
    return {
      status,
      headers: Object.fromEntries(Object.entries(headers)),
      body: Buffer.concat(await stream.toArray()).toString(),
    }
  } finally {
    client.destroy()
    server.close()
  }
}

const HANDLERS: readonly [string, Handle][] = [
  ['end(text)', (r) => r.end('text')],
  ['end()', (r) => r.end()],
  ['write and end', (r) => [r.setHeader('x-one', '1'), r.write('one'), r.end('two')]],
  ['writeHead and end', (r) => r.writeHead(302, { location: '/', 'set-cookie': ['a=1', 'b=2'] }).end('text')],
  ['pipe', (r) => Readable.from(['one', 'two']).pipe(r)],
  ['a status', (r) => [(r.statusCode = 418), r.end('text')]],
]

it.each(HANDLERS)('HTTP/2: %s arrives as if there were no gate', async (_, handle) => {
  const plain = await ask(handle)
  expect(await ask(handle, () => delay(10))).toEqual(plain)
  expect(await ask(handle, () => undefined)).toEqual(plain)
})

it.each(HANDLERS)('HTTP/2: %s gets the headers of the commit', async (_, handle) => {
  const plain = await ask(handle)
  const { headers } = await ask(handle, async (exchange) => {
    await delay(10)
    exchange.appendHeader?.('Set-Cookie', 'id=1')
  })
  expect(headers['set-cookie']).toEqual([...((plain.headers['set-cookie'] as string[] | undefined) ?? []), 'id=1'])
})

it.each(HANDLERS)('HTTP/2: %s is replaced by an error', async (_, handle) => {
  const answer = await ask(handle, () => delay(10).then(() => Promise.reject(new Error('lost'))))
  expect(answer).toEqual({ status: 503, headers: {}, body: 'Error: lost' })
})

it('HTTP/2: a response looks sent while it is held', async () => {
  const seen: unknown[] = []
  const { body } = await ask(
    (response) => {
      response.write('text')
      seen.push(response.headersSent, response.writableEnded)
      response.end()
      seen.push(response.headersSent, response.writableEnded)
    },
    () => delay(10),
  )
  expect(body).toBe('text')
  expect(seen).toEqual([true, false, true, true])
})
