import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { afterEach, describe, expect, it } from 'vitest'

import { nodeExchange } from './node-exchange.ts'
import { type GateControl, NodeGate } from './node-gate.ts'
import { type GatedOptions, gatedServer, type GatedServer } from './testing/gated-server.ts'
import { RawClient, requestText } from './testing/raw-client.ts'

let running: GatedServer | undefined

afterEach(() => running?.close())

async function serve(options: GatedOptions): Promise<GatedServer> {
  running = await gatedServer(options)
  return running
}

/** Wraps `writeHead` as many middlewares do. */
function onHead(response: ServerResponse, listener: () => void): void {
  const { writeHead } = response
  response.writeHead = ((...values: never[]) => {
    listener()
    return Reflect.apply(writeHead, response, values) as ServerResponse
  }) as typeof writeHead
}

const WAYS: readonly [string, (response: ServerResponse) => unknown][] = [
  ['end(text)', (r) => r.end('text')],
  ['write and end', (r) => [r.write('te'), r.end('xt')]],
  ['writeHead and end', (r) => r.writeHead(200, { 'X-Two': '2' }).end('text')],
  ['flushHeaders', (r) => [r.flushHeaders(), r.end('text')]],
]

const FINISHES: readonly [string, () => Promise<void> | undefined][] = [
  ['a commit that takes 10 ms', () => delay(10)],
  ['nothing to commit', () => undefined],
]

describe.each(FINISHES)('with %s', (__, finish) => {
  it.each(WAYS)('who wraps writeHead after the gate has one turn, before the commit, with %s', async (_, handle) => {
    const order: string[] = []
    const { request } = await serve({
      handle(response) {
        onHead(response, () => {
          order.push('head')
          response.setHeader('X-One', '1')
        })
        handle(response)
      },
      finish({ exchange }) {
        order.push('commit')
        exchange.appendHeader?.('Set-Cookie', 'id=1')
        return finish()
      },
    })
    expect(await request().all()).toMatch(/X-One: 1\r\n[^]*Set-Cookie: id=1\r\n/)
    expect(order).toEqual(['head', 'commit'])
  })

  it.each(WAYS)(
    'who has wrapped writeHead before the gate has one turn, after the commit, with %s',
    async (_, handle) => {
      const order: string[] = []
      const { request } = await serve({
        prepare: (response) =>
          onHead(response, () => {
            order.push(`head ${String(response.getHeader('Set-Cookie'))}`)
            response.setHeader('X-One', '1')
          }),
        handle,
        finish({ exchange }) {
          order.push('commit')
          exchange.appendHeader?.('Set-Cookie', 'id=1')
          return finish()
        },
      })
      expect(await request().all()).toMatch(/Set-Cookie: id=1\r\n[^]*X-One: 1\r\n/)
      expect(order).toEqual(['commit', 'head id=1'])
    },
  )

  it('a length that Node derives from end is kept for those around', async () => {
    const { request } = await serve({
      handle(response) {
        onHead(response, () => undefined)
        response.end('text')
      },
      finish,
    })
    expect(await request().all()).toContain('Content-Length: 4\r\n')
  })

  it('a status that a wrapper sets late is sent', async () => {
    const statuses: number[] = []
    const { request } = await serve({
      handle(response) {
        const { writeHead } = response
        response.writeHead = (() => Reflect.apply(writeHead, response, [404, { 'X-One': '1' }])) as typeof writeHead
        response.end('text')
      },
      finish(_, status) {
        statuses.push(status)
        return finish()
      },
    })
    expect(await request().all()).toMatch(/^HTTP\/1.1 404 Not Found\r\nX-One: 1\r\n/)
    expect(statuses).toEqual([404])
  })

  it('who saves something of his own before he ends lets wrappers around have one turn', async () => {
    let turns = 0
    const { request } = await serve({
      prepare(response) {
        const { end } = response
        response.end = ((...values: never[]) => {
          setTimeout(() => Reflect.apply(end, response, values), 10)
          return response
        }) as typeof end
      },
      handle(response) {
        onHead(response, () => turns++)
        response.end('text')
      },
      finish,
    })
    expect(await request().all()).toMatch(/^HTTP\/1.1 200 OK[^]*\r\n\r\ntext$/)
    expect(turns).toBe(1)
  })
})

describe('two engines on one response', () => {
  interface Engine {
    readonly cookie: string
    readonly finish: () => ReturnType<GateControl['finish']>
  }

  /** Serves with a gate for each engine, the later around the earlier. */
  async function ask(
    engines: readonly Engine[],
    handle: (response: ServerResponse) => unknown,
  ): Promise<[string, string[]]> {
    const failures: string[] = []
    const server = createServer((request, response) => {
      for (const { cookie, finish } of engines) {
        const exchange = nodeExchange(request, response)
        const gate = new NodeGate(response, {
          finish() {
            const append = (): void => exchange.appendHeader?.('Set-Cookie', cookie)
            const waiting = finish()
            if (waiting === undefined) append()
            return waiting?.then(append)
          },
          fail(error) {
            failures.push(String(error))
            response.statusCode = 503
            response.end('sorry')
          },
        })
        gate.arm()
      }
      handle(response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const text = await new RawClient((server.address() as AddressInfo).port, requestText()).all()
    server.close()
    return [text, failures]
  }

  const soon = (): Promise<void> => delay(5)
  const now = (): undefined => undefined
  const lose = (): Promise<void> => delay(5).then(() => Promise.reject(new Error('lost')))

  it.each(WAYS)('both commit before the first byte of %s', async (_, handle) => {
    for (const finishes of [
      [soon, soon],
      [soon, now],
      [now, soon],
      [now, now],
    ] as const) {
      const [text] = await ask(
        [
          { cookie: 'a=1', finish: finishes[0] },
          { cookie: 'b=2', finish: finishes[1] },
        ],
        handle,
      )
      expect(text).toMatch(/Set-Cookie: b=2\r\nSet-Cookie: a=1\r\n/)
    }
  })

  it.each(WAYS)('a commit that fails takes back %s, once', async (_, handle) => {
    for (const finishes of [
      [lose, soon],
      [soon, lose],
      [lose, now],
      [now, lose],
    ] as const) {
      const [text, failures] = await ask(
        [
          { cookie: 'a=1', finish: finishes[0] },
          { cookie: 'b=2', finish: finishes[1] },
        ],
        handle,
      )
      expect(text).toMatch(/^HTTP\/1.1 503 [^]*\r\n\r\nsorry$/)
      expect(text).not.toContain('text')
      expect(text).not.toContain('X-Two')
      expect(failures).toEqual(['Error: lost'])
    }
  })

  it('the second may be used only after writeHead', async () => {
    const [text] = await ask([{ cookie: 'a=1', finish: soon }], (response) => {
      response.writeHead(200, { 'Set-Cookie': 'x=1' })
      const exchange = nodeExchange({ headers: {}, socket: {} }, response)
      const gate = new NodeGate(response, {
        finish: () => soon().then(() => exchange.appendHeader?.('Set-Cookie', 'b=2')),
        fail: () => undefined,
      })
      gate.arm()
      response.end('text')
    })
    expect(text).toMatch(/Set-Cookie: x=1\r\nSet-Cookie: b=2\r\nSet-Cookie: a=1\r\n/)
  })
})
