import { once } from 'node:events'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

import { requestText } from './raw-client.ts'
import type { Script } from './stage.ts'

const KEEP = requestText('GET', [])
const MEGABYTES = Buffer.alloc(5_000_000, 'megabyte ')
const LATIN = 'déjà vu'

/** What Node may be asked to do with a response: each script is played with and without a gate. */
export const SCRIPTS: readonly Script[] = [
  // end
  { name: 'end()', run: (w) => w.call('end', (r) => r.end()) },
  { name: 'end(text)', run: (w) => w.call('end', (r) => r.end('text')) },
  { name: 'end(callback)', run: (w) => w.call('end', (r) => r.end(w.callback('cb'))) },
  { name: 'end(text, callback)', run: (w) => w.call('end', (r) => r.end('text', w.callback('cb'))) },
  { name: 'end(text, encoding, callback)', run: (w) => w.call('end', (r) => r.end(LATIN, 'latin1', w.callback('cb'))) },
  { name: 'end(buffer, callback)', run: (w) => w.call('end', (r) => r.end(Buffer.from(LATIN), w.callback('cb'))) },
  { name: 'end(bytes)', run: (w) => w.call('end', (r) => r.end(new Uint8Array([104, 105]))) },
  {
    name: 'end(undefined, undefined, callback)',
    run: (w) => w.call('end', (r) => r.end(undefined, undefined as never, w.callback('cb'))),
  },
  { name: "end('')", run: (w) => w.call('end', (r) => r.end('', w.callback('cb'))) },
  {
    name: 'end() twice, with callbacks',
    run(w) {
      w.call('end', (r) => r.end('text', w.callback('first')))
      w.call('again', (r) => r.end(w.callback('second')))
    },
  },
  {
    name: 'end(text) twice',
    run(w) {
      w.call('end', (r) => r.end('text', w.callback('first')))
      w.call('again', (r) => r.end('more', w.callback('second')))
    },
  },
  {
    name: 'end() in a callback of write',
    run: (w) => w.call('write', (r) => r.write('text', () => w.call('end', () => r.end('more', w.callback('end'))))),
  },
  {
    name: 'end() in its own callback',
    run: (w) => w.call('end', (r) => r.end('text', () => w.call('again', () => r.end(w.callback('again'))))),
  },
  // write
  {
    name: 'write and end, with callbacks',
    run(w) {
      w.call('write', (r) => r.write('one', w.callback('one')))
      w.call('write', (r) => r.write(Buffer.from('two'), w.callback('two')))
      w.call('write', (r) => r.write(LATIN, 'latin1', w.callback('three')))
      w.call('end', (r) => r.end('four', w.callback('four')))
    },
  },
  {
    name: 'write with encodings',
    run(w) {
      for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'base64url', 'ucs2', 'ascii', 'binary'] as const) {
        w.call(encoding, (r) => r.write('cafe', encoding))
      }
      w.call('end', (r) => r.end('cafe', 'hex'))
    },
  },
  {
    name: 'write of nothing',
    run(w) {
      w.call('write', (r) => r.write('', w.callback('empty')))
      w.call('end', (r) => r.end())
    },
  },
  {
    name: 'write of what is no chunk',
    run(w) {
      for (const chunk of [null, undefined, 1, true, {}, [], new Uint16Array(1)]) {
        w.call('write', (r) => r.write(chunk as never, w.callback('never')))
      }
      w.call('write', (r) => r.write('text'))
      w.call('write', (r) => r.write(null))
      w.call('end', (r) => r.end(1))
      w.call('end', (r) => r.end({}))
      w.call('end', (r) => r.end())
    },
  },
  {
    name: 'write after end',
    run(w) {
      w.call('end', (r) => r.end('text', w.callback('end')))
      w.call('write', (r) => r.write('more', w.callback('write')))
    },
  },
  {
    name: 'write after end, without a body',
    run(w) {
      w.call('end', (r) => r.end(w.callback('end')))
      w.call('write', (r) => r.write('more', w.callback('write')))
    },
  },
  {
    name: 'chunks over time',
    async run(w) {
      for (const chunk of ['one', 'two', 'three']) {
        w.call('write', (r) => r.write(chunk))
        await delay(12)
      }
      w.call('end', (r) => r.end())
    },
  },
  {
    name: 'end long after the first chunk',
    async run(w) {
      w.call('write', (r) => r.write('one', w.callback('one')))
      await once(w.response, 'never', { signal: AbortSignal.timeout(60) }).catch(() => undefined)
      w.call('end', (r) => r.end('two', w.callback('two')))
    },
  },
  {
    name: 'cork and uncork',
    run(w) {
      w.call('write', (r) => r.write('one'))
      w.call('cork', (r) => r.cork())
      w.call('write', (r) => r.write('two', w.callback('two')))
      w.call('write', (r) => r.write('three'))
      w.call('uncork', (r) => r.uncork())
      w.call('write', (r) => r.write('four'))
      w.call('cork', (r) => r.cork())
      w.call('write', (r) => r.write('five'))
      w.call('end', (r) => r.end('six', w.callback('end')))
    },
  },
  {
    name: 'cork before the first write',
    run(w) {
      w.call('cork', (r) => r.cork())
      w.call('write', (r) => r.write('one'))
      w.call('write', (r) => r.write('two'))
      w.call('uncork', (r) => r.uncork())
      w.call('end', (r) => r.end('three'))
    },
  },
  // writeHead
  {
    name: 'writeHead(status)',
    run(w) {
      w.call('head', (r) => r.writeHead(201))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead(status, object)',
    run(w) {
      w.call('head', (r) => r.writeHead(201, { 'X-One': '1', 'x-two': 2, 'Set-Cookie': ['a=1', 'b=2'] }))
      w.call('read', (r) => r.getHeader('X-One'))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead(status, flat array)',
    run(w) {
      w.call('head', (r) => r.writeHead(201, ['X-One', '1', 'Set-Cookie', 'a=1', 'x-one', '2', 'Set-Cookie', 'b=2']))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead(status, array of pairs)',
    run(w) {
      w.call('head', (r) =>
        r.writeHead(201, [
          ['X-One', '1'],
          ['Set-Cookie', 'a=1'],
          ['X-One', '2'],
        ] as never),
      )
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead(status, reason, object)',
    run(w) {
      w.call('head', (r) => r.writeHead(299, 'So So', { 'X-One': '1' }))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead(status, undefined, object)',
    run(w) {
      w.call('head', (r) => r.writeHead(201, undefined, { 'X-One': '1' }))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead over headers set before',
    run(w) {
      w.call('set', (r) => r.setHeader('X-One', '0').setHeader('X-Two', '2').setHeader('Set-Cookie', 'a=1'))
      w.call('head', (r) => r.writeHead(200, { 'x-one': '1', 'Set-Cookie': 'b=2' }))
      w.call('read', (r) => JSON.stringify(r.getHeaders()))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead with an array over headers set before',
    run(w) {
      w.call('set', (r) => r.setHeader('X-One', '0').setHeader('X-Two', '2').setHeader('Connection', 'close'))
      w.call('head', (r) => r.writeHead(200, ['x-one', '1', 'x-one', '2', 'Connection', 'close']))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead that Node refuses, then another',
    run(w) {
      for (const status of [99, 1000, 0, Number.NaN, '4e9']) w.call('head', (r) => r.writeHead(status as number))
      w.call('odd', (r) => r.writeHead(200, ['X-One']))
      w.call('name', (r) => r.writeHead(200, { 'X One': '1' }))
      w.call('value', (r) => r.writeHead(200, { 'X-One': 'a\nb' }))
      w.call('undefined', (r) => r.writeHead(200, { 'X-One': undefined }))
      w.call('reason', (r) => r.writeHead(200, 'a\nb'))
      w.call('head', (r) => r.writeHead(202, 'Fine', { 'X-One': '1' }))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'writeHead twice',
    run(w) {
      w.call('head', (r) => r.writeHead(201))
      w.call('again', (r) => r.writeHead(202))
      w.call('end', (r) => r.end('text'))
      w.call('late', (r) => r.writeHead(203))
    },
  },
  {
    name: 'writeHead, and later end',
    async run(w) {
      w.call('head', (r) => r.writeHead(200, { 'Content-Type': 'text/plain' }))
      await delay(5)
      w.call('end', (r) => r.end('text', w.callback('end')))
    },
  },
  {
    name: 'headers after the response has started',
    run(w) {
      w.call('write', (r) => r.write('text'))
      w.call('set', (r) => r.setHeader('X-One', '1'))
      w.call('sets', (r) => r.setHeaders(new Map([['X-One', '1']])))
      w.call('append', (r) => r.appendHeader('X-One', '1'))
      w.call('remove', (r) => r.removeHeader('X-One'))
      w.call('head', (r) => r.writeHead(200))
      w.call('has', (r) => r.hasHeader('X-One'))
      w.call('end', (r) => r.end())
      w.call('set', (r) => r.setHeader('X-One', '1'))
      w.call('flush', (r) => r.flushHeaders())
    },
  },
  {
    name: 'headers of odd case, repeated and removed',
    run(w) {
      w.call('set', (r) => r.setHeader('x-oDd', 'one').setHeader('X-ODD', ['two', 'three']))
      w.call('append', (r) => r.appendHeader('set-Cookie', 'a=1').appendHeader('Set-Cookie', ['b=2', 'c=3']))
      w.call('sets', (r) => r.setHeaders(new Headers({ 'x-more': '1' })))
      w.call('remove', (r) => r.removeHeader('X-More'))
      w.call('date', (r) => r.removeHeader('Date'))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'status and message',
    run(w) {
      w.response.statusCode = 418
      w.response.statusMessage = 'Short And Stout'
      w.call('end', (r) => r.end('text'))
      w.response.statusCode = 500
      w.call('status', (r) => `${r.statusCode} ${r.statusMessage}`)
    },
  },
  {
    name: 'the message that goes with a status',
    run(w) {
      w.response.statusCode = 404
      w.call('end', (r) => r.end('text'))
      w.call('status', (r) => `${r.statusCode} ${r.statusMessage}`)
    },
  },
  {
    name: 'a status that Node refuses',
    run(w) {
      w.response.statusCode = 1000
      w.call('end', (r) => r.end('text'))
      w.call('write', (r) => r.write('text'))
      w.response.statusCode = 500
      w.response.statusMessage = 'a\nb'
      w.call('flush', (r) => r.flushHeaders())
      w.response.statusMessage = 'Oh'
      w.call('end', (r) => r.end('text'))
    },
  },
  // headers that make the body
  {
    name: 'a Content-Length',
    run(w) {
      w.call('set', (r) => r.setHeader('Content-Length', 7))
      w.call('write', (r) => r.write('one', w.callback('one')))
      w.call('end', (r) => r.end('four', w.callback('four')))
    },
  },
  {
    name: 'a Content-Length that does not fit',
    run(w) {
      w.response.strictContentLength = true
      w.call('set', (r) => r.setHeader('Content-Length', 4))
      w.call('write', (r) => r.write('one'))
      w.call('write', (r) => r.write('three'))
      w.call('end', (r) => r.end('two'))
      w.call('end', (r) => r.end('2', w.callback('end')))
    },
  },
  {
    name: 'a Content-Length that does not fit from the beginning',
    run(w) {
      w.response.strictContentLength = true
      w.call('head', (r) => r.writeHead(200, { 'Content-Length': 4 }))
      w.call('write', (r) => r.write('three'))
      w.call('end', (r) => r.end('four', w.callback('end')))
    },
  },
  {
    name: 'trailers',
    run(w) {
      w.call('head', (r) => r.writeHead(200, { Trailer: 'X-Sum' }))
      w.call('write', (r) => r.write('text'))
      w.call('trailers', (r) => r.addTrailers({ 'X-Sum': '42' }))
      w.call('bad', (r) => r.addTrailers({ 'X Sum': '42' }))
      w.call('trailers', (r) => r.addTrailers([['X-Sum', '43']]))
      w.call('end', (r) => r.end())
    },
  },
  {
    name: 'a Trailer that Node refuses',
    run(w) {
      w.call('set', (r) => r.setHeader('Trailer', 'X-Sum').setHeader('Content-Length', 4))
      w.call('end', (r) => r.end('text'))
      w.call('remove', (r) => r.removeHeader('Trailer'))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'a Trailer in writeHead that Node refuses',
    run(w) {
      w.call('head', (r) => r.writeHead(200, { Trailer: 'X-Sum', 'Content-Length': 4 }))
      w.call('head', (r) => r.writeHead(200, { 'Content-Length': 4 }))
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'HEAD, with more than fits',
    request: requestText('HEAD'),
    ignores: /drain/,
    async run(w) {
      await pipeline(Readable.from(slices(MEGABYTES, 500_000)), w.response)
      w.call('done', (r) => r.writableFinished)
    },
  },
  {
    name: 'flushHeaders',
    async run(w) {
      w.call('flush', (r) => r.flushHeaders())
      w.call('flush', (r) => r.flushHeaders())
      await delay(5)
      w.call('write', (r) => r.write('text'))
      w.call('end', (r) => r.end(w.callback('end')))
    },
  },
  {
    name: 'writeHead and flushHeaders',
    run(w) {
      w.call('head', (r) => r.writeHead(200, { 'Content-Type': 'text/event-stream' }))
      w.call('flush', (r) => r.flushHeaders())
      w.call('write', (r) => r.write('data: 1\n\n', w.callback('one')))
      w.call('end', (r) => r.end())
    },
  },
  // responses without a body
  ...['write', 'end'].flatMap((how) =>
    [204, 304, 200].map((status): Script => ({
      name: `${status === 200 ? 'HEAD' : status}, body by ${how}`,
      request: requestText(status === 200 ? 'HEAD' : 'GET'),
      run(w) {
        w.response.statusCode = status
        if (how === 'write') w.call('write', (r) => r.write('text', w.callback('write')))
        w.call('end', (r) => (how === 'end' ? r.end('text', w.callback('end')) : r.end(w.callback('end'))))
      },
    })),
  ),
  {
    name: 'HEAD with a Content-Length',
    request: requestText('HEAD'),
    run(w) {
      w.call('head', (r) => r.writeHead(200, { 'Content-Length': 1000 }))
      w.call('end', (r) => r.end(w.callback('end')))
    },
  },
  {
    name: 'HEAD where bodies are refused',
    request: requestText('HEAD'),
    server: { rejectNonStandardBodyWrites: true },
    run(w) {
      w.call('write', (r) => r.write('text', w.callback('write')))
      w.call('end', (r) => r.end('text', w.callback('end')))
      w.call('end', (r) => r.end())
    },
  },
  {
    name: 'a redirect',
    run(w) {
      w.call('head', (r) => r.writeHead(302, { Location: '/elsewhere' }))
      w.call('end', (r) => r.end(w.callback('end')))
    },
  },
  // streams
  {
    name: 'pipe',
    ignores: /drain/,
    run: (w) => w.call('pipe', (r) => Readable.from(['one', 'two', 'three']).pipe(r)),
  },
  {
    name: 'pipe of a big stream',
    ignores: /drain/,
    run: (w) => void Readable.from(slices(MEGABYTES, 50_000)).pipe(w.response),
  },
  {
    name: 'pipe of an empty stream',
    run: (w) => void Readable.from([]).pipe(w.response),
  },
  {
    name: 'pipeline of a stream',
    ignores: /drain/,
    async run(w) {
      await pipeline(
        Readable.from(slices(MEGABYTES, 100_000)),
        new Transform({ transform: (chunk, _, next) => next(null, chunk) }),
        w.response,
      )
      w.call('done', (r) => r.writableFinished)
    },
  },
  {
    name: 'pipeline of a generator',
    ignores: /drain/,
    async run(w) {
      await pipeline(async function* () {
        for (const chunk of slices(MEGABYTES, 400_000)) yield await Promise.resolve(chunk)
      }, w.response)
      w.call('done', (r) => r.writableFinished)
    },
  },
  {
    name: 'backpressure by hand',
    ignores: /drain/,
    async run(w) {
      for (const chunk of slices(MEGABYTES, 1_000_000)) {
        if (w.call('write', (r) => r.write(chunk)) === false) {
          w.call('needs', (r) => r.writableNeedDrain)
          await once(w.response, 'drain')
          w.call('had', (r) => r.writableNeedDrain)
        }
      }
      w.call('end', (r) => r.end(w.callback('end')))
    },
  },
  {
    name: 'five megabytes at once',
    ignores: /drain/,
    run: (w) => w.call('end', (r) => r.end(MEGABYTES, w.callback('end'))),
  },
  {
    name: 'five megabytes of text in two writes',
    ignores: /drain/,
    run(w) {
      w.call('write', (r) => r.write(MEGABYTES.toString(), w.callback('write')))
      w.call('needs', (r) => r.writableNeedDrain)
      w.call('end', (r) => r.end(MEGABYTES.toString(), w.callback('end')))
      w.call('needs', (r) => r.writableNeedDrain)
    },
  },
  // informational
  {
    name: 'writeEarlyHints and writeProcessing',
    ignores: /prefinish/,
    run(w) {
      w.call('hints', (r) => r.writeEarlyHints({ link: '</style.css>; rel=preload' }, w.callback('hints')))
      w.call('processing', (r) => r.writeProcessing())
      w.call('end', (r) => r.end('text'))
    },
  },
  {
    name: 'a client that expects 100-continue',
    request: `${requestText('POST', ['Connection: close', 'Expect: 100-continue', 'Content-Length: 4'])}body`,
    async run(w, request) {
      const body = await request.toArray()
      w.call('end', (r) => r.end(Buffer.concat(body)))
    },
  },
  // connections
  {
    name: 'HTTP/1.0',
    request: 'GET / HTTP/1.0\r\n\r\n',
    run(w) {
      w.call('write', (r) => r.write('one'))
      w.call('end', (r) => r.end('two', w.callback('end')))
    },
  },
  {
    name: 'two pipelined requests, the second with chunks',
    request: KEEP + requestText(),
    run(w, _, index) {
      if (index === 0) return w.call('end', (r) => r.end('first', w.callback('end')))
      w.call('write', (r) => r.write('second', w.callback('write')))
      return w.call('end', (r) => r.end(w.callback('end')))
    },
  },
  {
    name: 'three pipelined requests, the first the slowest',
    request: KEEP + KEEP + requestText(),
    async run(w, _, index) {
      await delay(60 - 30 * index)
      w.call('end', (r) => r.end(`number ${index}`, w.callback('end')))
    },
  },
  {
    name: 'a pipelined request that is piped',
    request: KEEP + requestText(),
    ignores: /drain/,
    async run(w, _, index) {
      if (index === 0) await delay(30)
      Readable.from(slices(MEGABYTES, 100_000)).pipe(w.response)
    },
  },
  {
    name: 'a response that is destroyed before it starts',
    run(w) {
      w.call('destroy', (r) => r.destroy())
      w.call('write', (r) => r.write('text', w.callback('write')))
      w.call('end', (r) => r.end('text'))
    },
  },
]

function slices(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}
