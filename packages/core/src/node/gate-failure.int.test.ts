import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

import { afterEach, describe, expect, it } from 'vitest'

import { deferred, type GatedOptions, gatedServer, type GatedServer } from './testing/gated-server.ts'
import { requestText } from './testing/raw-client.ts'

const LOST = new Error('lost')

let running: GatedServer | undefined

afterEach(() => running?.close())

/** Serves with commits that fail, and headers that were there before. */
async function serve(options: Partial<GatedOptions> & Pick<GatedOptions, 'handle'>): Promise<GatedServer> {
  running = await gatedServer({
    prepare: (response) => response.setHeader('X-Before', ['1', '2']).setHeader('x-cAse', 'kept'),
    async finish({ exchange }) {
      exchange.appendHeader?.('Set-Cookie', 'id=1')
      await delay(5)
      throw LOST
    },
    ...options,
  })
  return running
}

const ANSWER = [
  'HTTP/1.1 503 Service Unavailable',
  'X-Before: 1',
  'X-Before: 2',
  'x-cAse: kept',
  'Date: *',
  'Connection: close',
  'Content-Length: 11',
  '',
  'Error: lost',
].join('\r\n')

const WAYS: readonly [string, (response: ServerResponse) => unknown][] = [
  ['end(text)', (r) => r.setHeader('Content-Type', 'text/plain').end('text')],
  ['a redirect', (r) => r.writeHead(302, { Location: '/', 'x-cAse': 'changed', 'X-Before': '3' }).end()],
  ['a status with a message', (r) => (Object.assign(r, { statusCode: 418, statusMessage: 'Teapot' }), r.end())],
  ['write and end', (r) => [r.setHeader('X-Before', '3'), r.write('one'), r.end('two')]],
  ['appendHeader', (r) => r.appendHeader('X-Before', '3').appendHeader('Set-Cookie', 'a=1').end()],
  [
    'headers that Node draws conclusions from',
    (r) => {
      r.setHeader('Content-Length', 4).setHeader('Transfer-Encoding', 'chunked').setHeader('Connection', 'keep-alive')
      r.removeHeader('Date')
      r.removeHeader('Connection')
      r.end('text')
    },
  ],
  [
    'trailers',
    (r) => [r.writeHead(200, { Trailer: 'X-Sum' }), r.write('text'), r.addTrailers({ 'X-Sum': '1' }), r.end()],
  ],
  ['204', (r) => r.writeHead(204).end()],
  ['cork', (r) => [r.cork(), r.write('text'), r.uncork(), r.end()]],
  ['flushHeaders', (r) => r.flushHeaders()],
  ['pipe', (r) => Readable.from(['one', 'two']).pipe(r)],
]

describe('when the commit fails', () => {
  it.each(WAYS)('nothing is left of what the handler sent by %s', async (_, handle) => {
    const { request, failures } = await serve({ handle })
    expect(await request().all()).toBe(ANSWER)
    expect(failures).toEqual([LOST])
  })

  it('a header that the handler removed is there again', async () => {
    const { request } = await serve({ handle: (response) => [response.removeHeader('X-Before'), response.end('text')] })
    expect(await request().all()).toMatch(/x-before: 1\r\nx-before: 2\r\n/i)
  })

  it('by an exception, the same happens', async () => {
    const { request, failures } = await serve({
      handle: (response) => response.end('text'),
      finish() {
        throw LOST
      },
    })
    expect(await request().all()).toBe(ANSWER)
    expect(failures).toEqual([LOST])
  })

  it('the response can be used again when the error is handed on, and no commit is asked for', async () => {
    const seen: unknown[] = []
    let finishes = 0
    const { request } = await serve({
      handle(response) {
        response.removeHeader('Transfer-Encoding')
        response.writeHead(302, 'Elsewhere', { Location: '/' })
        response.addTrailers({ 'X-Sum': '1' })
        response.end('text')
      },
      async finish() {
        finishes++
        throw LOST
      },
      fail(response) {
        const { headersSent, writableEnded, statusCode, statusMessage } = response
        seen.push({ headersSent, writableEnded, statusCode, statusMessage, headers: response.getHeaders() })
        response.writeHead(503, { 'Retry-After': '1' })
        response.write('sorry')
        seen.push(response.headersSent)
        response.end(() => seen.push('end'))
        seen.push(response.writableEnded)
      },
    })
    expect(await request().all()).toMatch(/^HTTP\/1.1 503 [^]*Retry-After: 1[^]*\r\n5\r\nsorry\r\n0\r\n\r\n$/)
    expect(seen).toEqual([
      {
        headersSent: false,
        writableEnded: false,
        statusCode: 200,
        statusMessage: undefined,
        headers: { 'x-before': ['1', '2'], 'x-case': 'kept' },
      },
      true,
      true,
      'end',
    ])
    expect(finishes).toBe(1)
  })

  it('callbacks get the error, each once and in order', async () => {
    const calls: unknown[] = []
    const { request } = await serve({
      handle(response) {
        const note = (name: string) => (error?: unknown) => calls.push(name, error)
        response.write('one', note('one'))
        response.write('two', 'latin1', note('two'))
        response.end('three', 'latin1', note('three'))
        response.end(note('four'))
        response.write('five', note('five'))
      },
    })
    await request().all()
    expect(calls).toEqual(['one', LOST, 'two', LOST, 'three', LOST, 'four', LOST, 'five', LOST])
  })

  it('what the handler goes on to write is dropped, and does not crash the process', async () => {
    const { promise, resolve } = deferred<unknown[]>()
    const { request, failures } = await serve({
      async handle(response) {
        response.write('one')
        await once(response, 'finish')
        const errors: unknown[] = []
        response.on('error', (error) => errors.push('event', error))
        const answers = [
          response.write('two', (error) => errors.push(error)),
          response.end('three', (error?: Error) => errors.push(error)) === response,
          response.end((error?: Error) => errors.push(error)) === response,
          response.write(null, (error) => errors.push(error)),
        ]
        await delay(5)
        resolve([answers, errors])
      },
    })
    expect(await request().all()).toBe(ANSWER)
    expect(await promise).toEqual([
      [false, true, true, false],
      [LOST, LOST, LOST, LOST],
    ])
    expect(failures).toEqual([LOST])
  })

  it('the connection serves the next request', async () => {
    let count = 0
    const { request } = await serve({
      handle: (response) => response.end(`number ${++count}`),
      finish: () => (count === 1 ? Promise.reject(LOST) : delay(5)),
    })
    const text = await request(requestText('GET', []) + requestText()).all()
    expect(text).toMatch(/^HTTP\/1.1 503 [^]*Error: lostHTTP\/1.1 200 OK[^]*number 2$/)
  })

  it('after the client has gone away, the error is still told', async () => {
    const { promise, resolve } = deferred<unknown>()
    const { request } = await serve({
      handle(response) {
        response.write('text')
        client.socket.destroy()
      },
      async finish({ request: { socket } }) {
        await once(socket, 'close')
        throw LOST
      },
      fail(response, error) {
        response.statusCode = 503
        response.end('sorry')
        resolve(error)
      },
    })
    const client = request()
    expect(await promise).toBe(LOST)
  })

  it('after a client had gone away before the response began, too', async () => {
    const { promise, resolve } = deferred<unknown>()
    const { request } = await serve({
      async handle(response) {
        client.socket.destroy()
        await once(response, 'close')
        response.writeHead(200).end('text')
      },
      fail(response, error) {
        response.end('sorry')
        resolve(error)
      },
    })
    const client = request()
    expect(await promise).toBe(LOST)
  })

  it('and its handling throws, the connection is closed', async () => {
    const { request } = await serve({
      handle: (response) => response.end('text'),
      fail() {
        throw new Error('no handler')
      },
    })
    expect(await request().all()).toBe('')
  })
})

describe('when the commit fails, a stream piped into the response', () => {
  it('stops at once and is destroyed, and the error arrives', async () => {
    const source = new PassThrough()
    source.write('one')
    const { request } = await serve({
      handle: (response) => source.pipe(response),
      fail(response) {
        source.write('two')
        setTimeout(() => response.writeHead(503).end('Error: lost'), 10)
      },
    })
    expect(await request().all()).toMatch(/^HTTP\/1.1 503 [^]*\r\n\r\nb\r\nError: lost\r\n0\r\n\r\n$/)
    expect(source.destroyed).toBe(true)
  })

  it('by pipeline does not take the response with it', async () => {
    const { promise, resolve } = deferred<unknown>()
    const { request } = await serve({
      handle: (response) =>
        void pipeline(new Readable({ read: () => undefined }).setEncoding('utf8').wrap(endless()), response).catch(
          resolve,
        ),
      fail: (response) => void setTimeout(() => response.writeHead(503).end('Error: lost'), 10),
    })
    expect(await request().all()).toContain('Error: lost')
    expect(await promise).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('is left alone if it has been unpiped before', async () => {
    const source = endless()
    const { request } = await serve({
      handle(response) {
        source.pipe(response)
        source.once('data', () => source.unpipe(response))
      },
    })
    await request().all()
    await delay(5)
    expect(source.destroyed).toBe(false)
    source.destroy()
  })

  it('only after the error has been answered is destroyed as well', async () => {
    const source = endless()
    const { request } = await serve({
      async handle(response) {
        response.write('one')
        await once(response, 'close')
        source.pipe(response)
      },
    })
    expect(await request().all()).toBe(ANSWER)
    if (!source.closed) await once(source, 'close')
  })
})

describe('when the commit fails, whoever has wrapped the response', () => {
  it('does not let a part of the failed body out', async () => {
    const { request } = await serve({
      handle(response) {
        const kept: string[] = []
        const { write, end } = response
        response.write = ((chunk: string) => {
          kept.push(chunk)
          return Reflect.apply(write, response, ['wrapped ']) as boolean
        }) as typeof write
        response.end = ((chunk: string) =>
          Reflect.apply(end, response, [kept.join('') + chunk]) as ServerResponse) as typeof end
        response.write('one ')
        setTimeout(() => Reflect.apply(write, response, ['late']), 8)
      },
      fail: (response) => void setTimeout(() => Object.assign(response, { statusCode: 503 }).end('Error: lost'), 15),
    })
    expect(await request().all()).toBe(ANSWER)
  })
})

function endless(): Readable {
  return new Readable({
    read() {
      setImmediate(() => this.push('x'.repeat(1000)))
    },
  })
}
