import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'

import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import {
  type OptionsError,
  type SessionStore,
  type Sessions,
  createSessions,
  fastifySessions,
  isHoldfastError,
  memoryStore,
} from './index.ts'

let app: FastifyInstance
let sessions: Sessions

beforeEach(() => {
  app = Fastify({ forceCloseConnections: true })
  sessions = createSessions({ store: memoryStore() })
})

afterEach(() => app.close())

function brokenStore(): SessionStore {
  return { ...memoryStore(), create: () => Promise.reject(new Error('out of order')) }
}

/** A store that counts, and answers only after everything else has had its turn. */
function slowStore(): SessionStore & { creates: number } {
  const store = memoryStore()
  const slow = {
    ...store,
    creates: 0,
    async create(...values: Parameters<SessionStore['create']>) {
      slow.creates++
      await new Promise((resolve) => setTimeout(resolve, 20))
      return store.create(...values)
    },
  }
  return slow
}

function cookieOf(response: { headers: object }): string {
  const lines = [(response.headers as { 'set-cookie'?: string | string[] })['set-cookie'] ?? []].flat()
  return lines.find((line) => line.startsWith('id='))?.split(';')[0] ?? ''
}

/** Collects the codes of our warnings while something runs. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const codes: string[] = []
  const listen = (warning: Error & { code?: string }): void => {
    if (warning.name === 'HoldfastWarning') codes.push(warning.code ?? '')
  }
  process.on('warning', listen)
  await run()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listen)
  return codes
}

describe('a failed commit', () => {
  it("is answered by the application's own error handler, whose reply is not committed again", async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.setErrorHandler((error, request, reply) => {
      const { code } = error as { code?: string }
      return reply.send({ code, status: reply.statusCode, subject: request.session.subject ?? null })
    })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      return reply.header('X-Word', 'of the handler').redirect('/home')
    })
    const response = await app.inject('/')
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({ code: 'ERR_STORE_FAILED', status: 503, subject: null })
    const { location, 'x-word': word, 'set-cookie': cookie } = response.headers
    expect([location, word, cookie]).toEqual([undefined, undefined, undefined])
  })

  it('is answered by the default error handler where there is no other', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      return { secret: true }
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toMatchObject([503, { code: 'ERR_STORE_FAILED', statusCode: 503 }])
  })

  it('of a reply of the error handler is answered by the next one', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.setErrorHandler((error, request, reply) => {
      if (isHoldfastError(error)) throw error
      request.session.set('flash', 'not found')
      return reply.code(404).send('not found')
    })
    app.get('/', async () => {
      throw new Error('no such thing')
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toMatchObject([503, { code: 'ERR_STORE_FAILED' }])
    expect(response.headers['set-cookie']).toBeUndefined()
  })

  it('keeps the headers that were there before us, and a cookie among them', async () => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'X-Before': 'kept', 'Set-Cookie': ['theme=dark'] })
      reply.raw.setHeader('X-Raw', 'kept')
    })
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      reply.header('Set-Cookie', 'lang=en').raw.setHeader('X-Raw-After', 'dropped')
      return 'page'
    })
    const { headers } = await app.inject('/')
    expect(headers).toMatchObject({ 'x-before': 'kept', 'x-raw': 'kept', 'set-cookie': ['theme=dark'] })
    expect(headers['x-raw-after']).toBeUndefined()
  })

  it('shows hooks that come after ours only the reply that leaves, and no hook one payload twice', async () => {
    const seen: string[] = []
    app.addHook('onSend', async (_request, _reply, payload) => void seen.push(`before: ${String(payload)}`))
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.addHook('onSend', async (_request, _reply, payload) => void seen.push(`after: ${String(payload)}`))
    app.setErrorHandler((_error, _request, reply) => reply.send('error'))
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      return 'page'
    })
    expect((await app.inject('/')).body).toBe('error')
    expect(seen).toEqual(['before: page', 'before: error', 'after: error'])
  })

  it.each([
    ['a stream', () => Readable.from(['page'])],
    ['a web stream', () => new Response('page').body],
    ['a Response', () => new Response('page')],
  ])('lets go of %s', async (_, make) => {
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    const payload = make()
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      return reply.send(payload)
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.headers['content-type']]).toEqual([503, 'application/json; charset=utf-8'])
    if (payload instanceof Readable) expect(payload.destroyed).toBe(true)
    else if (payload instanceof Response) expect(await payload.text().catch(String)).not.toBe('page')
    else expect(await payload?.getReader().read()).toMatchObject({ done: true })
  })
})

describe('a held reply', () => {
  it('looks sent: a handler that forgets to return it has one reply and one commit', async () => {
    const store = slowStore()
    await app.register(fastifySessions, { sessions: createSessions({ store }) })
    const sent: (boolean | string)[] = []
    app.addHook('onSend', async (_request, _reply, payload) => void sent.push(String(payload)))
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      void reply.send({ page: 1 })
      sent.push(reply.sent)
      void reply.send({ page: 2 })
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toEqual([200, { page: 1 }])
    expect(cookieOf(response)).toMatch(/^id=/)
    expect([sent, store.creates]).toEqual([[true, '{"page":1}'], 1])
  })

  it('is not changed by a handler that throws after it', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: slowStore() }) })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      void reply.code(201).send({ page: 1 })
      throw new Error('too late')
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toEqual([201, { page: 1 }])
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('of a stream that fails meanwhile is answered by the error handler, and ends no process', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: slowStore() }) })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      return reply.send(createReadStream('/no/such/file'))
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toMatchObject([500, { code: 'ENOENT' }])
  })

  it('refuses changes of the session', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: slowStore() }) })
    let code: string | undefined
    app.get('/', (request, reply) => {
      request.session.set('name', 'ann')
      reply.send('page')
      try {
        request.session.set('name', 'eve')
      } catch (error) {
        if (isHoldfastError(error)) code = error.code
      }
    })
    expect((await app.inject('/')).body).toBe('page')
    expect(code).toBe('ERR_RESPONSE_STARTED')
  })
})

describe('a Response as payload', () => {
  it('has our headers laid over its own, and keeps its cookies', async () => {
    await app.register(fastifySessions, { sessions })
    app.get('/', async (request) => {
      request.session.set('name', String(request.session.get('name')))
      const headers = { 'Cache-Control': 'public', Vary: 'Accept', 'Set-Cookie': 'theme=dark', 'X-Word': 'its own' }
      return new Response('page', { status: 201, headers })
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.body]).toEqual([201, 'page'])
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Accept, Cookie', 'x-word': 'its own' })
    expect(response.headers['set-cookie']).toEqual(['theme=dark', expect.stringMatching(/^id=[\w-]{32};/)])
  })

  it('that says 5xx drops the changes', async () => {
    await app.register(fastifySessions, { sessions })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      return new Response('sorry', { status: 503 })
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.body, cookieOf(response)]).toEqual([503, 'sorry', ''])
  })
})

describe('a handler whose payload cannot be serialized', () => {
  it('loses its changes', async () => {
    await app.register(fastifySessions, { sessions })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      const circle: { self?: unknown } = {}
      circle.self = circle
      return circle
    })
    const response = await app.inject('/')
    expect([response.statusCode, cookieOf(response)]).toEqual([500, ''])
  })
})

describe('a hook that fails after the commit', () => {
  it('leaves the saved session its cookie', async () => {
    await app.register(fastifySessions, { sessions })
    app.addHook('onSend', async (request, _reply, payload) => {
      if (payload === 'page') throw Object.assign(new Error('a defect'), { statusCode: 500 })
      request.session.get('name')
    })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      return 'page'
    })
    const response = await app.inject('/')
    expect([response.statusCode, response.headers['cache-control']]).toEqual([500, 'no-store'])
    const read = await sessions.open({ secure: false, header: () => cookieOf(response) })
    expect(read.get('name')).toBe('ann')
  })
})

describe('a hijacked reply', () => {
  it('carries what was committed before, headers included', async () => {
    await app.register(fastifySessions, { sessions })
    const codes: unknown[] = []
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      await request.session.commit()
      const change = (): void => {
        try {
          request.session.set('name', 'eve')
        } catch (error) {
          if (isHoldfastError(error)) codes.push(error.code)
        }
      }
      reply.hijack()
      change()
      reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' })
      reply.raw.write('data: 1\n\n')
      change()
      reply.raw.end('data: 2\n\n')
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const warned = await warningsOf(async () => {
      const response = await fetch(url)
      expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n')
      expect(response.headers.getSetCookie()).toMatchObject([expect.stringMatching(/^id=[\w-]{32};/)])
      expect(response.headers.get('cache-control')).toBe('no-store')
    })
    expect([codes, warned]).toEqual([['ERR_RESPONSE_STARTED', 'ERR_RESPONSE_STARTED'], []])
  })

  it('can still be committed after it was hijacked, before its first byte', async () => {
    await app.register(fastifySessions, { sessions })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      reply.hijack()
      await request.session.commit()
      reply.raw.end('page')
    })
    const response = await app.inject('/')
    expect(cookieOf(response)).toMatch(/^id=/)
  })

  it('names changes that nobody committed', async () => {
    await app.register(fastifySessions, { sessions })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      reply.hijack()
      reply.raw.end('page')
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const warned = await warningsOf(async () => {
      const warning = once(process, 'warning')
      expect(await (await fetch(url)).text()).toBe('page')
      await warning
    })
    expect(warned).toEqual(['WARN_NOT_COMMITTED'])
  })
})

describe('a reply that is not hijacked', () => {
  it('is never taken for one, though its commit failed', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      return 'page'
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const closed = new Promise((resolve) => {
      app.server.on('request', (_request, response) => void response.once('close', resolve))
    })
    const warned = await warningsOf(async () => {
      expect((await fetch(url)).status).toBe(503)
      await closed
    })
    expect(warned).toEqual([])
  })
})

describe('mounting', () => {
  it('serves routes of plugins, hooks and the 404 handler', async () => {
    await app.register(fastifySessions, { sessions })
    app.addHook('preHandler', async (request) => request.session.increment('visits'))
    app.setNotFoundHandler(async (request, reply) =>
      reply.code(404).send(`visits: ${String(request.session.get('visits'))}`),
    )
    await app.register(
      async (child) => {
        child.get('/page', async (request) => `visits: ${String(request.session.get('visits'))}`)
      },
      { prefix: '/child' },
    )
    const page = await app.inject('/child/page')
    expect(page.body).toBe('visits: 1')
    const missing = await app.inject({ url: '/missing', headers: { cookie: cookieOf(page) } })
    expect([missing.statusCode, missing.body]).toEqual([404, 'visits: 2'])
  })

  it('serves a request that a hook before us has answered', async () => {
    app.addHook('onRequest', async (_request, reply) => reply.code(204).send())
    await app.register(fastifySessions, { sessions })
    app.get('/', async () => 'page')
    expect((await app.inject('/')).statusCode).toBe(204)
  })

  it('names what has taken the property', async () => {
    const other: FastifyPluginCallback = (instance, _options, done) => {
      instance.decorateRequest('session', { getter: () => ({}) as never })
      done()
    }
    const marks = { [Symbol.for('skip-override')]: true, [Symbol.for('plugin-meta')]: { name: '@fastify/session' } }
    await app.register(Object.assign(other, marks))
    await expect(app.register(fastifySessions, { sessions })).rejects.toMatchObject({
      code: 'ERR_ALREADY_MOUNTED',
      message: expect.stringContaining('@fastify/session') as string,
    })
  })

  it('takes a second engine under another name', async () => {
    const staff = createSessions({ store: memoryStore(), cookie: { name: 'staff' } })
    await app.register(fastifySessions, { sessions })
    await expect(app.register(fastifySessions, { sessions: staff })).rejects.toMatchObject({
      code: 'ERR_ALREADY_MOUNTED',
    })
    app = Fastify()
    await app.register(fastifySessions, { sessions })
    await app.register(fastifySessions, { sessions: staff, property: 'hold' })
    app.get('/', async (request) => {
      request.session.set('name', 'ann')
      staff.of(request).set('name', 'bob')
      return Reflect.get(request, 'hold') === staff.of(request)
    })
    const response = await app.inject('/')
    expect(response.json()).toBe(true)
    expect(response.cookies.map(({ name }) => name)).toEqual(['id', 'staff'])
  })

  it('refuses at start what cannot work, in the options of a route too', async () => {
    const paths = (error: unknown): string[] => (error as OptionsError).problems.map(({ path }) => path)
    const misspelt = { sessions, proprety: 'hold', prefix: '/' } as { sessions: Sessions }
    expect(paths(await app.register(fastifySessions, misspelt).then(null, (error: unknown) => error))).toEqual([
      'proprety',
    ])
    app = Fastify()
    await app.register(fastifySessions, { sessions })
    const config = { session: { pasive: true } as object }
    let problems: string[] = []
    try {
      app.get('/', { config }, async () => 'page')
    } catch (error) {
      problems = paths(error)
    }
    expect(problems).toEqual(['pasive'])
  })

  it('says where the binding is missing when a hook before it uses the session', async () => {
    app.addHook('onRequest', async (request) => void request.session.subject)
    await app.register(fastifySessions, { sessions })
    app.get('/', async () => 'page')
    const response = await app.inject('/')
    expect([response.statusCode, response.json()]).toMatchObject([500, { code: 'ERR_NOT_MOUNTED' }])
  })
})
