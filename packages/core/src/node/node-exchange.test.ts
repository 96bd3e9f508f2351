import { once } from 'node:events'
import { createServer, get, type IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, it } from 'vitest'

import { nodeExchange } from './node-exchange.ts'
import type { NodeRequest } from './node-types.ts'

function requestWith(headers: NodeRequest['headers'], socket: NodeRequest['socket'] = {}): NodeRequest {
  return { headers, socket }
}

describe('header', () => {
  it('answers what a real request carries', async () => {
    const server = createServer((request, response) => {
      const exchange = nodeExchange(request)
      response.end(JSON.stringify(['cookie', 'x-one', 'x-none'].map((name) => exchange.header(name) ?? null)))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const request = get({
      port,
      host: '127.0.0.1',
      agent: false,
      headers: { Cookie: ['a=1', 'b=2'], 'X-One': ['1', '2'] },
    })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const body = Buffer.concat(await response.toArray()).toString()
    server.close()
    expect(JSON.parse(body)).toEqual(['a=1; b=2', '1, 2', null])
  })

  it.each(['constructor', '__proto__', 'toString', 'x-number'])(
    'does not take %s of the object for a header',
    (name) => {
      expect(nodeExchange(requestWith({ 'x-number': 7 as unknown as string })).header(name)).toBeUndefined()
    },
  )

  it('joins a list', () => {
    expect(nodeExchange(requestWith({ 'set-cookie': ['a=1', 'b=2'] })).header('set-cookie')).toBe('a=1, b=2')
  })
})

describe('secure', () => {
  it.each([
    ['a TLS socket', { encrypted: true }, undefined, true],
    ['a plain socket', {}, undefined, false],
    ['a plain socket behind a proxy that is trusted', {}, true, true],
    ['a TLS socket, said to be none', { encrypted: true }, false, false],
  ])('with %s', (_, socket, secure, expected) => {
    expect(nodeExchange(requestWith({}, socket), undefined, { secure }).secure).toBe(expected)
  })
})

describe('the response', () => {
  it('is absent where none is given', () => {
    const exchange = nodeExchange(requestWith({}))
    expect(exchange.appendHeader).toBeUndefined()
    expect(exchange.started ?? false).toBe(false)
  })

  it('gets headers, merged with those it has', () => {
    const response = bareResponse()
    const exchange = nodeExchange(requestWith({}), response)
    response.setHeader('Set-Cookie', 'a=1').setHeader('vary', 'Accept').setHeader('Cache-Control', 'public')
    exchange.appendHeader?.('Set-Cookie', 'id=1')
    exchange.appendHeader?.('Set-Cookie', 'id=2')
    exchange.appendHeader?.('Vary', 'Cookie')
    exchange.appendHeader?.('Cache-Control', 'no-store')
    expect(response.getHeaders()).toEqual({
      'set-cookie': ['a=1', 'id=2'],
      vary: 'Accept, Cookie',
      'cache-control': 'no-store',
    })
  })

  it('has started when its head is written, and takes no more headers', () => {
    const response = bareResponse()
    const exchange = nodeExchange(requestWith({}), response)
    expect(exchange.started).toBe(false)
    response.writeHead(200)
    expect(exchange.started).toBe(true)
    expect(() => exchange.appendHeader?.('Vary', 'Cookie')).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }),
    )
  })
})

it('names the request, by which the handle is found', () => {
  const request = requestWith({})
  expect(nodeExchange(request).carrier).toBe(request)
})

it('lets a binding know of the first use', () => {
  const exchange = nodeExchange(requestWith({}))
  expect(() => exchange.onUse?.()).not.toThrow()
  let uses = 0
  exchange.onUse = () => uses++
  exchange.onUse()
  expect(uses).toBe(1)
})

function bareResponse(): ServerResponse {
  return new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} } as IncomingMessage)
}
