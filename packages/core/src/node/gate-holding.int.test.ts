import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

import { afterEach, describe, expect, it } from 'vitest'

import { deferred, type GatedOptions, gatedServer, type GatedServer } from './testing/gated-server.ts'
import { requestText } from './testing/raw-client.ts'

let running: GatedServer | undefined

afterEach(() => running?.close())

async function serve(options: GatedOptions): Promise<GatedServer> {
  running = await gatedServer(options)
  return running
}

const WAYS: readonly [string, (response: ServerResponse) => unknown, string?][] = [
  ['end()', (r) => r.end()],
  ['end(text)', (r) => r.end('text')],
  ['write and end', (r) => [r.write('one'), r.end('two')]],
  ['a first chunk of many', (r) => r.write('one') && setTimeout(() => r.end('two'), 200)],
  ['pipe', (r) => Readable.from(['one', 'two']).pipe(r)],
  ['flushHeaders', (r) => [r.flushHeaders(), setTimeout(() => r.end('text'), 200)]],
  ['writeHead and end', (r) => r.writeHead(302, { Location: '/' }).end()],
  ['writeHead and write', (r) => [r.writeHead(200).write('text'), r.end()]],
  ['HEAD', (r) => r.end(), 'HEAD'],
  ['304', (r) => r.writeHead(304).end()],
]

describe('the first byte leaves after the acknowledgement', () => {
  it.concurrent.each(WAYS)('with %s', async (_, handle, method) => {
    let acknowledgedAt = Infinity
    const { request, close } = await gatedServer({
      handle,
      async finish() {
        await delay(150)
        acknowledgedAt = performance.now()
      },
    })
    const client = request(requestText(method))
    await client.all()
    close()
    expect(client.firstByteAt).toBeGreaterThanOrEqual(acknowledgedAt)
  })
})

describe('headers that a commit adds', () => {
  const MERGES: readonly [string, (response: ServerResponse) => unknown][] = [
    [
      'setHeader',
      (r) =>
        r
          .setHeader('Set-Cookie', ['a=1', 'id=old; Path=/'])
          .setHeader('Vary', 'Accept')
          .setHeader('Cache-Control', 'public')
          .end(),
    ],
    [
      'an object',
      (r) =>
        r.writeHead(200, { 'set-cookie': ['a=1', 'id=old; Path=/'], vary: 'Accept', 'cache-control': 'public' }).end(),
    ],
    [
      'a flat array',
      (r) =>
        r
          .writeHead(200, ['Set-Cookie', 'a=1', 'Vary', 'Accept', 'Set-Cookie', 'id=old', 'Cache-Control', 'public'])
          .end(),
    ],
    [
      'pairs',
      (r) =>
        r
          .writeHead(200, [
            ['Set-Cookie', 'a=1'],
            ['Vary', 'Accept'],
            ['Cache-Control', 'public'],
          ] as never)
          .end(),
    ],
    ['an object over setHeader', (r) => r.setHeader('Vary', 'Accept').writeHead(200, { 'Set-Cookie': 'a=1' }).end()],
    [
      'an array over setHeader',
      (r) => r.setHeader('Vary', 'Accept').writeHead(200, ['Set-Cookie', 'a=1', 'X-One', '1']).end(),
    ],
    ['a reason and an object', (r) => r.writeHead(200, 'Fine', { 'Set-Cookie': 'a=1', Vary: 'Accept' }).end()],
  ]
  const TIMES: readonly [string, (append: () => void) => Promise<void> | undefined][] = [
    ['while it is awaited', (append) => delay(5).then(append)],
    ['at once', (append) => append() as undefined],
  ]
  describe.each(TIMES)('%s', (__, when) => {
    it.each(MERGES)('are merged with those given by %s', async (_, handle) => {
      const { request } = await serve({
        handle,
        finish: ({ exchange }) =>
          when(() => {
            exchange.appendHeader?.('Set-Cookie', 'id=new; Path=/')
            exchange.appendHeader?.('Vary', 'Cookie')
            exchange.appendHeader?.('Cache-Control', 'no-store')
          }),
      })
      const lines = (await request().all())
        .split('\r\n')
        .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
      const valuesOf = (name: string): string[] => lines.filter((line) => line.startsWith(`${name}:`))
      expect(valuesOf('set-cookie')).toEqual(['set-cookie: a=1', 'set-cookie: id=new; Path=/'])
      expect(valuesOf('vary')).toEqual(['vary: Accept, Cookie'])
      expect(valuesOf('cache-control')).toEqual(['cache-control: no-store'])
    })
  })

  it('are on the response when the exchange adds them before it starts', async () => {
    const { request } = await serve({
      handle(response, { exchange }) {
        exchange.appendHeader?.('Vary', 'Cookie')
        response.end(String(response.getHeader('vary')))
      },
      finish: () => undefined,
    })
    expect(await request().all()).toMatch(/Vary: Cookie[^]*\r\n\r\nCookie$/)
  })

  it('are refused as Node does it once the response has gone', async () => {
    const { request } = await serve({
      handle(response, { exchange }) {
        response.end('text', () =>
          expect(() => exchange.appendHeader?.('Vary', 'Cookie')).toThrow(/ERR_HTTP_HEADERS_SENT|Cannot set headers/),
        )
      },
      finish: () => delay(5),
    })
    expect(await request().all()).not.toContain('Vary')
  })
})

describe('a gate asks for the commit', () => {
  it.each([
    ['end', 418, (r: ServerResponse) => ((r.statusCode = 418), r.end())],
    ['writeHead', 302, (r: ServerResponse) => r.writeHead(302).end()],
    [
      'a status that changes after writeHead',
      302,
      (r: ServerResponse) => (r.writeHead(302), (r.statusCode = 500), r.end()),
    ],
  ])('once, with the status of %s', async (_, status, handle) => {
    const statuses: number[] = []
    const { request } = await serve({
      handle,
      finish: (__, given) => {
        statuses.push(given)
        return delay(5)
      },
    })
    expect(await request().all()).toContain(`HTTP/1.1 ${status} `)
    expect(statuses).toEqual([status])
  })

  it('not before a body, so that a session can be changed after writeHead', async () => {
    const order: string[] = []
    const { request } = await serve({
      handle(response, { gate, exchange }) {
        response.writeHead(200, { 'Content-Type': 'text/plain' })
        order.push(`change, started: ${gate.isStarted} ${exchange.started}`)
        response.write('text')
        order.push(`wrote, started: ${gate.isStarted} ${exchange.started}`)
        response.end()
      },
      finish({ exchange }) {
        order.push('commit')
        exchange.appendHeader?.('Set-Cookie', 'id=1')
        return delay(5)
      },
    })
    expect(await request().all()).toContain('Set-Cookie: id=1')
    expect(order).toEqual(['change, started: false false', 'commit', 'wrote, started: true true'])
  })

  it.each([
    ['end()', (r: ServerResponse) => r.end()],
    ['end(text)', (r: ServerResponse) => r.end('text')],
    ['writeHead and end', (r: ServerResponse) => r.writeHead(200).end('text')],
  ])('although the client has gone away, by %s', async (_, end) => {
    const { promise: committed, resolve } = deferred()
    const { request, failures } = await serve({
      async handle(response) {
        client.socket.destroy()
        await once(response, 'close')
        end(response)
      },
      async finish({ exchange }) {
        await delay(5)
        exchange.appendHeader?.('Set-Cookie', 'id=1')
        resolve()
      },
    })
    const client = request()
    await committed
    await delay(5)
    expect(failures).toEqual([])
  })

  it('although the client goes away while it is under way', async () => {
    const { promise: over, resolve } = deferred<unknown>()
    const { request, failures } = await serve({
      handle: (response) => response.write('text', resolve),
      finish({ request: { socket } }) {
        client.socket.destroy()
        return new Promise((go) => socket.once('close', () => go()))
      },
    })
    const client = request()
    expect(await over).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
    expect(failures).toEqual([])
  })
})

describe('while a response is held', () => {
  it('closing the server does not cut it off', async () => {
    const { server, request } = await serve({
      handle: (response) => response.end('text'),
      async finish() {
        server.close()
        await delay(30)
      },
    })
    expect(await request(requestText('GET', [])).until(/text$/)).toContain('200 OK')
  })

  it('write asks for patience once the high water mark is reached, and drain comes after the release', async () => {
    const answers: boolean[] = []
    let isAcknowledged = false
    const { request } = await serve({
      async handle(response) {
        const half = 'x'.repeat(response.writableHighWaterMark / 2)
        answers.push(response.write(half), response.writableNeedDrain, response.write(half), response.writableNeedDrain)
        await once(response, 'drain')
        answers.push(isAcknowledged)
        response.end()
      },
      async finish() {
        await delay(10)
        isAcknowledged = true
      },
    })
    await request().all()
    expect(answers).toEqual([true, false, false, true, true])
  })

  it('drain comes even if Node takes every chunk, as it does for HEAD', async () => {
    const { request } = await serve({
      async handle(response) {
        if (!response.write('x'.repeat(response.writableHighWaterMark))) await once(response, 'drain')
        response.end()
      },
      finish: () => delay(5),
    })
    expect(await request(requestText('HEAD')).all()).toContain('200 OK')
  })

  it('a status that is set too late can be read afterwards, as with Node', async () => {
    const { promise, resolve } = deferred<number>()
    const { request } = await serve({
      handle(response) {
        response.end('text', () => resolve(response.statusCode))
        response.statusCode = 500
      },
      finish: () => delay(5),
    })
    expect(await request().all()).toContain('200 OK')
    expect(await promise).toBe(500)
  })

  it('a wrapper below may write when it is ended', async () => {
    const { request } = await serve({
      prepare(response) {
        const { end } = response
        response.end = ((chunk?: string) => {
          if (typeof chunk === 'string') response.write(chunk)
          return Reflect.apply(end, response, []) as ServerResponse
        }) as typeof end
      },
      handle(response) {
        response.write('te')
        response.end('xt')
        response.end()
      },
      finish: () => delay(5),
    })
    expect(await request().all()).toContain('2\r\nte\r\n2\r\nxt\r\n0\r\n\r\n')
  })

  it('informational responses pass at once, without our cookie', async () => {
    const { promise, resolve } = deferred<void>()
    const { request } = await serve({
      handle(response) {
        response.setHeader('X-Later', '1')
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.end('text')
      },
      async finish({ exchange }) {
        await promise
        exchange.appendHeader?.('Set-Cookie', 'id=1')
      },
    })
    const client = request()
    expect(await client.until(/\r\n\r\n$/)).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
    resolve()
    expect(await client.all()).toContain('Set-Cookie: id=1')
  })

  it('an error that a wrapper below throws too late for the handler ends the connection, not the process', async () => {
    const { promise, resolve } = deferred<unknown>()
    const { request } = await serve({
      prepare(response) {
        response.write = () => {
          throw new Error('late')
        }
      },
      handle: (response) => response.write('text', resolve),
      finish: () => delay(5),
    })
    expect(await request().all()).toBe('')
    expect(await promise).toEqual(new Error('late'))
  })
})

describe('a gate that is armed late', () => {
  it('does nothing twice, and nothing after the first byte', async () => {
    let finishes = 0
    const { request } = await serve({
      handle(response, { gate }) {
        const { end } = response
        gate.arm()
        expect(response.end).toBe(end)
        response.end('text')
        gate.arm()
      },
      finish: () => void finishes++,
    })
    await request().all()
    expect(finishes).toBe(1)
  })
})
