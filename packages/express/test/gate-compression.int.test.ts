import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { NodeGate } from '@holdfast/core'
import compression from 'compression'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const LONG = 'all work and no play '.repeat(5000)

/** How a gate may stand to the compression of responses: the one that comes later is the outer one. */
const ORDERS: Record<string, (gate: RequestHandler) => RequestHandler[]> = {
  'without compression': (gate) => [gate],
  'inside of compression': (gate) => [gate, compression()],
  'around compression': (gate) => [compression(), gate],
}

/** What a handler may do, and what must arrive. */
const ROUTES: Record<
  string,
  { readonly handle: RequestHandler; readonly path?: string; readonly headers?: Record<string, string> }
> = {
  'res.send of text': { handle: (_, res) => void res.send(LONG) },
  'res.send of a buffer': { handle: (_, res) => void res.type('text').send(Buffer.from(LONG)) },
  'res.send of little': { handle: (_, res) => void res.send('little') },
  'res.json': { handle: (_, res) => void res.json({ text: LONG }) },
  'res.redirect': { handle: (_, res) => res.redirect('/elsewhere') },
  'res.sendStatus': { handle: (_, res) => void res.sendStatus(204) },
  'res.sendFile': { handle: (_, res) => res.sendFile(file) },
  'res.sendFile of a range': { handle: (_, res) => res.sendFile(file), headers: { Range: 'bytes=5-2004' } },
  'res.download': { handle: (_, res) => res.download(file) },
  'a missing file': { handle: (_, res) => res.sendFile(`${file}.missing`) },
  'an ETag that still holds': {
    handle: (_, res) => void res.set('ETag', '"e"').send(LONG),
    headers: { 'If-None-Match': '"e"' },
  },
  'end(text)': { handle: (_, res) => void res.type('text').end(LONG) },
  'end(little)': { handle: (_, res) => void res.type('text').end('little') },
  'write and end': {
    handle: (_, res) => void (res.type('text'), res.write(LONG), res.write(LONG), res.end('the end')),
  },
  'writeHead and end': { handle: (_, res) => void res.writeHead(201, { 'Content-Type': 'text/plain' }).end(LONG) },
  'chunks over time': {
    async handle(_, res) {
      res.type('text').flushHeaders()
      for (let index = 0; index < 5; index++) {
        res.write(LONG)
        await delay(10)
      }
      res.end()
    },
  },
  // Express does not go back to an error handler that it has already passed, so its own answers in the end.
  'an error': { handle: (_, __, next) => next(new Error('broken')) },
}

let folder = ''
let file = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-gate-'))
  file = join(folder, 'long.txt')
  await writeFile(file, LONG.repeat(10))
})

afterAll(() => rm(folder, { recursive: true }))

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Serves one handler behind a gate, asks once, and closes. */
async function ask(
  handle: RequestHandler,
  order: (gate: RequestHandler) => RequestHandler[],
  gate: RequestHandler,
  { method = 'GET', headers = {} }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const app = express()
  app.use(order(gate), handle)
  app.use(((error: Error & { status?: number }, _, res, next) => {
    if (res.headersSent) return next(error)
    return void res.status(error.status ?? 500).send(`failed: ${error.message.slice(0, 6)}`)
  }) satisfies ErrorRequestHandler)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const request = get({ port, host: '127.0.0.1', method, headers: { 'Accept-Encoding': 'gzip', ...headers } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const bytes = Buffer.concat(await response.toArray())
    const isZipped = response.headers['content-encoding'] === 'gzip' && method !== 'HEAD'
    const { date: _, ...rest } = response.headers
    return { status: response.statusCode, headers: rest, body: (isZipped ? gunzipSync(bytes) : bytes).toString() }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const noGate: RequestHandler = (_, __, next) => next()

/** Arms at once, so that what is mounted later wraps the gate. */
function gateWith(finish: () => Promise<void> | undefined): RequestHandler {
  return (_, res, next) => {
    new NodeGate(res, { finish, fail: next }).arm()
    next()
  }
}

describe.each(Object.entries(ORDERS))('a gate %s', (_, order) => {
  describe.each(['GET', 'HEAD'])('%s', (method) => {
    it.concurrent.each(Object.entries(ROUTES))('changes nothing of %s', async (__, { handle, headers = {} }) => {
      const plain = await ask(handle, order, noGate, { method, headers })
      expect(
        await ask(
          handle,
          order,
          gateWith(() => delay(20)),
          { method, headers },
        ),
      ).toEqual(plain)
      expect(
        await ask(
          handle,
          order,
          gateWith(() => undefined),
          { method, headers },
        ),
      ).toEqual(plain)
    })
  })

  it.concurrent.each(Object.entries(ROUTES))('holds the first byte of %s', async (__, { handle, headers = {} }) => {
    let acknowledgedAt = Infinity
    let startedAt = 0
    const watch: RequestHandler = (_, res, next) => {
      const { socket } = res
      const write = socket?.write
      if (socket && write) {
        socket.write = (...values: never[]) => {
          startedAt ||= performance.now()
          return Reflect.apply(write, socket, values) as boolean
        }
      }
      next()
    }
    const finish = async (): Promise<void> => {
      await delay(150)
      acknowledgedAt = performance.now()
    }
    await ask(handle, (gate) => [watch, ...order(gate)], gateWith(finish), { headers })
    expect(startedAt).toBeGreaterThanOrEqual(acknowledgedAt)
  })

  it.concurrent.each(Object.entries(ROUTES))(
    'replaces %s by the error of a failed commit',
    async (__, { handle, headers = {} }) => {
      const lost = Object.assign(new Error('lost it'), { status: 503 })
      const fail = async (): Promise<void> => {
        await delay(20)
        throw lost
      }
      const { status, headers: left, body } = await ask(handle, order, gateWith(fail), { headers })
      expect(status).toBe(503)
      expect(body).toMatch(/^failed: lost i$|<pre>Error: lost it/)
      expect(left['content-type']).toBe('text/html; charset=utf-8')
      for (const name of ['location', 'content-disposition', 'content-range', 'last-modified', 'accept-ranges']) {
        expect(left).not.toHaveProperty(name)
      }
    },
  )
})
