import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { GatedExchange } from './gated-exchange.ts'
import { appendResponseHeader } from './held-response.ts'
import { RawClient, requestText } from './testing/raw-client.ts'

/** The exchange of a session, without one. Its end adds what a session that was read adds. */
class Reading extends GatedExchange {
  readonly statuses: number[] = []
  readonly failures: unknown[] = []
  committing: Promise<void> | undefined

  finish(status: number): Promise<void> | undefined {
    this.statuses.push(status)
    appendResponseHeader(this.response, 'Vary', 'Cookie')
    return this.committing
  }

  fail(error: unknown): void {
    this.failures.push(error)
    this.response.statusCode = 503
    this.response.end(...([String(error)] as never[]))
  }
}

let server: Server | undefined
afterEach(() => server?.close().closeAllConnections())

/** Answers one request by a handler, and shows what came. */
async function answer(
  handle: (response: ServerResponse, open: () => Reading) => unknown,
): Promise<{ readonly text: string; readonly exchanges: readonly Reading[] }> {
  const exchanges: Reading[] = []
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    handle(response, () => {
      const exchange = new Reading(request, response as never)
      exchanges.push(exchange)
      return exchange
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const text = await new RawClient((server.address() as AddressInfo).port, requestText()).all()
  return { text, exchanges }
}

const HEADS: readonly [string, (response: ServerResponse) => unknown, number, RegExp][] = [
  ['end', (r) => r.end('text'), 200, /\r\nVary: Cookie\r\n/],
  ['write', (r) => [r.write('te'), r.end('xt')], 200, /\r\nVary: Cookie\r\n/],
  ['flushHeaders', (r) => [r.flushHeaders(), r.end('text')], 200, /\r\nVary: Cookie\r\n/],
  ['writeHead(status)', (r) => r.writeHead(201).end('text'), 201, /\r\nVary: Cookie\r\n/],
  ['a header of its own', (r) => r.setHeader('Vary', 'Accept') && r.end('text'), 200, /\r\nVary: Accept, Cookie\r\n/],
  [
    'headers',
    (r) => r.writeHead(201, { Vary: 'Accept', A: '1' }).end('text'),
    201,
    /\r\nVary: Accept, Cookie\r\nA: 1\r\n/,
  ],
  [
    'a reason',
    (r) => r.writeHead(201, 'Made', { vary: 'Accept' }).end('text'),
    201,
    /^HTTP\/1.1 201 Made\r\nVary: Accept, Cookie\r\n/,
  ],
  [
    'pairs',
    (r) => r.writeHead(201, ['Vary', 'Accept', 'A', '1']).end('text'),
    201,
    /\r\nVary: Accept, Cookie\r\nA: 1\r\n/,
  ],
]

describe('a response whose session was only read', () => {
  it.each(HEADS)('gets what is added at its head, by %s', async (_, respond, status, head) => {
    const { text, exchanges } = await answer((response, open) => {
      open().onRead()
      respond(response)
    })
    expect(text).toMatch(head)
    expect(text).toMatch(/te[^]*xt/)
    expect(exchanges[0]!.statuses).toEqual([status])
  })

  it('keeps all its other methods, and gets back this one', async () => {
    const { text } = await answer((response, open) => {
      open().onRead()
      const own = ['write', 'end', 'flushHeaders', 'cork', 'uncork'].filter((name) => Object.hasOwn(response, name))
      const { writeHead } = Object.getPrototypeOf(response) as ServerResponse
      response.end(JSON.stringify([own, response.eventNames()]))
      if (response.writeHead !== writeHead) throw new Error('the watch is still there')
    })
    expect(text).toContain('[[],["finish"]]')
  })

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['a status that is none', (r) => r.writeHead(1000)],
    ['a header that is none', (r) => r.writeHead(200, { A: 'ä€' })],
    ['a reason that is none', (r) => r.writeHead(200, 'ä€')],
    ['a reason from before', (r) => Object.assign(r, { statusMessage: 'ä€' }).writeHead(200)],
  ])('throws what Node throws of %s, before anybody is told', async (_, refused) => {
    const { text, exchanges } = await answer((response, open) => {
      open().onRead()
      expect(() => refused(response)).toThrow(/invalid/i)
      response.statusMessage = ''
      response.writeHead(500).end('text')
    })
    expect(text).toMatch(/^HTTP\/1.1 500[^]*\r\nVary: Cookie\r\n/)
    expect(exchanges[0]!.statuses).toEqual([500])
  })

  it.each(['before', 'after'] as const)('lets who has wrapped writeHead %s have their turn', async (when) => {
    const wrap = (response: ServerResponse): void => {
      const { writeHead } = response
      response.writeHead = ((...values: never[]) => {
        response.setHeader('X-One', '1')
        return Reflect.apply(writeHead, response, values) as ServerResponse
      }) as typeof writeHead
    }
    const { text, exchanges } = await answer((response, open) => {
      if (when === 'before') wrap(response)
      open().onRead()
      if (when === 'after') wrap(response)
      response.end('text')
    })
    expect(text).toMatch(/\r\nX-One: 1\r\n/)
    expect(text).toMatch(/\r\nVary: Cookie\r\n/)
    expect(exchanges[0]!.statuses).toEqual([200])
  })

  it('tells several engines, each once', async () => {
    const { text, exchanges } = await answer((response, open) => {
      open().onRead()
      open().onRead()
      response.writeHead(202).end('text')
    })
    expect(text.match(/Vary: Cookie/g)).toHaveLength(1)
    expect(exchanges.map(({ statuses }) => statuses)).toEqual([[202], [202]])
  })
})

describe('a response whose session is changed after it was read', () => {
  it.each(['nobody', 'somebody who has wrapped writeHead'])(
    'is held, and told of once, with %s between',
    async (who) => {
      let isSaved = false
      const { text, exchanges } = await answer((response, open) => {
        const exchange = open()
        exchange.onRead()
        if (who !== 'nobody') {
          const { writeHead } = response
          response.writeHead = ((...values: never[]) => Reflect.apply(writeHead, response, values)) as typeof writeHead
        }
        exchange.committing = new Promise((resolve) => {
          setTimeout(() => {
            isSaved = true
            response.statusMessage = 'Saved'
            resolve()
          }, 20)
        })
        exchange.onUse()
        response.end('text')
        expect(response.headersSent).toBe(true)
      })
      expect(isSaved).toBe(true)
      expect(text).toMatch(/\r\nVary: Cookie\r\n[^]*text/)
      expect(exchanges[0]!.statuses).toEqual([200])
    },
  )

  it('is as it was before, where that fails', async () => {
    const { text, exchanges } = await answer((response, open) => {
      response.setHeader('X-Before', '1')
      const exchange = open()
      exchange.onRead()
      response.setHeader('X-After', '1')
      exchange.committing = Promise.reject(new Error('not saved'))
      exchange.onUse()
      response.end('text')
    })
    expect(text).toMatch(/^HTTP\/1.1 503[^]*X-Before: 1\r\n[^]*not saved/)
    expect(text).not.toMatch(/X-After|Vary|text/)
    expect(exchanges[0]!.failures).toHaveLength(1)
  })
})

it('a response of http2, read and then changed in vain, is told of once and failed once', async () => {
  const exchanges: Reading[] = []
  const http2 = createHttp2Server((request, response) => {
    const exchange = new Reading(request as never, response as never)
    exchanges.push(exchange)
    exchange.onRead()
    exchange.committing = Promise.reject(new Error('not saved'))
    exchange.onUse()
    response.end('text')
  })
  http2.listen(0, '127.0.0.1')
  await once(http2, 'listening')
  const client = connect(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`)
  const stream = client.request({ ':path': '/' })
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
  const body = Buffer.concat(await stream.toArray()).toString()
  client.close()
  http2.close()
  expect([headers[':status'], body]).toEqual([503, 'Error: not saved'])
  expect(exchanges[0]!.statuses).toEqual([200])
  expect(exchanges[0]!.failures).toHaveLength(1)
})
