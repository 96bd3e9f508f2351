import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type SessionStore, createSessions, fastifySessions, memoryStore } from './index.ts'

let app: FastifyInstance

beforeEach(() => {
  app = Fastify({ forceCloseConnections: true })
})

afterEach(() => app.close())

const brokenStore = (): SessionStore => ({ ...memoryStore(), create: () => Promise.reject(new Error('out of order')) })

describe('replies of several instances and engines', () => {
  it('look sent while they are held, and only those', async () => {
    const staff = createSessions({ store: memoryStore(), cookie: { name: 'staff' } })
    await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })
    await app.register(fastifySessions, { sessions: staff, property: 'hold' })
    const held: unknown[] = []
    const routes = async (instance: FastifyInstance): Promise<void> => {
      instance.get('/held', async (request, reply) => {
        request.session.set('name', 'ann')
        staff.of(request).set('name', 'bob')
        const before = reply.sent
        void reply.send('page')
        // On its own, the getter would cost every reply that is held.
        held.push([before, reply.sent, Object.hasOwn(reply, 'sent')])
        void reply.send('second')
        return reply
      })
      instance.get('/untouched', async (_request, reply) => [reply.sent])
      instance.get('/hijacked', async (_request, reply) => {
        reply.hijack()
        reply.raw.end(String(reply.sent))
      })
    }
    const shown: unknown[] = []
    app.addHook('onResponse', async (_request, reply) => void shown.push(reply.sent))
    await app.register(routes)
    await app.register(routes, { prefix: '/child' })
    for (const path of ['/held', '/child/held', '/held']) {
      const response = await app.inject(path)
      expect([response.body, response.cookies.map(({ name }) => name)]).toEqual(['page', ['id', 'staff']])
    }
    for (const path of ['/untouched', '/child/untouched']) expect((await app.inject(path)).json()).toEqual([false])
    for (const path of ['/hijacked', '/child/hijacked']) expect((await app.inject(path)).body).toBe('true')
    expect(held).toEqual(Array.from({ length: 3 }, () => [false, true, false]))
    expect(shown).toEqual(Array.from({ length: 7 }, () => true))
  })

  it('get back the headers that hooks before us have set, when the commit fails', async () => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'X-Before': 'kept', 'Set-Cookie': ['theme=dark'] })
    })
    await app.register(fastifySessions, { sessions: createSessions({ store: brokenStore() }) })
    app.get('/', async (request, reply) => {
      request.session.set('name', 'ann')
      reply.headers({ 'X-Before': 'changed', 'X-After': 'dropped', 'Set-Cookie': 'lang=en' })
      return 'page'
    })
    for (let time = 0; time < 2; time++) {
      const { statusCode, headers } = await app.inject('/')
      expect(statusCode).toBe(503)
      expect(headers).toMatchObject({ 'x-before': 'kept', 'set-cookie': ['theme=dark'] })
      expect(headers['x-after']).toBeUndefined()
    }
  })
})

describe('what a route says of sessions', () => {
  const config = { session: { load: 'lazy' as const } }
  const isLazy = async (path: string): Promise<boolean> => {
    const { body } = await app.inject({ url: path, headers: { cookie: `id=${'A'.repeat(32)}` } })
    return body.includes('ERR_NOT_LOADED')
  }
  const handler = (request: { session: { get(name: string): unknown } }): string => String(request.session.get('name'))

  it('is heeded, where other routes say nothing', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })
    app.get('/eager', handler)
    app.get('/lazy', { config }, handler)
    expect([await isLazy('/eager'), await isLazy('/lazy')]).toEqual([false, true])
  })

  it('is heeded in routes that were there before the plugin', async () => {
    app.get('/lazy', { config }, handler)
    await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })
    app.get('/eager', handler)
    expect([await isLazy('/eager'), await isLazy('/lazy')]).toEqual([false, true])
  })

  it('is heeded where a hook of somebody else has said it', async () => {
    await app.register(fastifySessions, { sessions: createSessions({ store: memoryStore() }) })
    app.addHook('onRoute', (route) => {
      if (route.url.startsWith('/lazy')) route.config = { ...route.config, ...config }
    })
    app.get('/eager', handler)
    await app.register(async (child) => void child.get('/page', handler), { prefix: '/lazy' })
    expect([await isLazy('/eager'), await isLazy('/lazy/page')]).toEqual([false, true])
  })
})
