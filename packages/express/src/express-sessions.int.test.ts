import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, it } from 'vitest'

import {
  type OptionsError,
  type SessionStore,
  createSessions,
  expressSessions,
  isHoldfastError,
  memoryStore,
} from './index.ts'

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(app: Express): Promise<string> {
  const server = app.listen(0, '127.0.0.1')
  closers.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function brokenStore(): SessionStore {
  return { ...memoryStore(), create: () => Promise.reject(new Error('out of order')) }
}

const noteCode: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!isHoldfastError(error)) return next(error)
  response.status(error.status).json({ code: error.code, message: error.message })
}

const MAJORS = [
  { major: 5, create: express },
  { major: 4, create: express4 as unknown as typeof express },
]

describe.each(MAJORS)('Express $major', ({ create }) => {
  it("answers a failed commit by the application's own error handler, after the handler has returned", async () => {
    const app = create()
    const order: string[] = []
    app.use((_request, response, next) => {
      response.setHeader('X-Before', 'kept')
      next()
    })
    app.use(expressSessions(createSessions({ store: brokenStore() })))
    app.get('/', (request, response) => {
      request.session.login('ann')
      response.setHeader('X-After', 'dropped')
      response.redirect('/home')
      order.push('handler')
    })
    app.use(((error, request, response, next) => {
      order.push('error handler')
      noteCode(error, request, response, next)
    }) as ErrorRequestHandler)
    const response = await fetch(await listen(app), { redirect: 'manual' })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'ERR_STORE_FAILED' })
    expect(response.headers.get('x-before')).toBe('kept')
    expect([response.headers.get('x-after'), response.headers.get('location')]).toEqual([null, null])
    expect(response.headers.getSetCookie()).toEqual([])
    expect(order).toEqual(['handler', 'error handler'])
  })

  it('answers a failed commit of a router by the error handler of the application', async () => {
    const app = create()
    const router = create.Router()
    router.use(expressSessions(createSessions({ store: brokenStore() })))
    router.get('/page', (request, response) => {
      request.session.set('name', 'ann')
      response.send('page')
    })
    app.use('/inner', router)
    app.use(noteCode)
    const response = await fetch(`${await listen(app)}/inner/page`)
    expect([response.status, await response.json()]).toMatchObject([503, { code: 'ERR_STORE_FAILED' }])
  })

  it('calls the next handler synchronously where there is nothing to wait for', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const middleware = expressSessions(sessions, { load: 'lazy' })
    const app = create()
    app.use((request, response, next) => {
      let isNext = false
      middleware(request, response, (error) => {
        isNext = true
        next(error)
      })
      if (!isNext) response.destroy()
    })
    app.get('/', (_request, response) => void response.send('at once'))
    const url = await listen(app)
    const cookie = `id=${'A'.repeat(32)}`
    expect(await (await fetch(url, { headers: { cookie } })).text()).toBe('at once')
  })

  it('names what has taken the property, to the error handler', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const app = create()
    const foreign: RequestHandler = (request, _response, next) => {
      Object.assign(request, { session: { regenerate() {}, user: 'secret' } })
      next()
    }
    app.get('/foreign', foreign, expressSessions(sessions), (_request, response) => void response.send('page'))
    const other = createSessions({ store: memoryStore() })
    app.get('/other', expressSessions(sessions), expressSessions(other), (_, response) => void response.send('page'))
    app.use(noteCode)
    const url = await listen(app)
    const answers = await Promise.all(['/foreign', '/other'].map(async (path) => (await fetch(url + path)).json()))
    expect(answers).toMatchObject([{ code: 'ERR_ALREADY_MOUNTED' }, { code: 'ERR_ALREADY_MOUNTED' }])
    const [foreignMessage, otherMessage] = (answers as { message: string }[]).map(({ message }) => message)
    expect(foreignMessage).toContain('express-session')
    expect(foreignMessage).not.toContain('secret')
    expect(otherMessage).toContain('another Holdfast engine')
  })

  it('serves two engines side by side, each with its own commit', async () => {
    const shop = createSessions<{ cart: string[] }>({ store: memoryStore() })
    const staff = createSessions<{ role: string }>({ store: memoryStore(), cookie: { name: 'staff' } })
    const app = create()
    app.use(expressSessions(shop), expressSessions(staff, { property: 'hold' }))
    app.get('/write', (request, response) => {
      shop.of(request).set('cart', ['tea'])
      staff.of(request).set('role', 'admin')
      response.send('ok')
    })
    app.get('/read', (request, response) => {
      const isSame = Reflect.get(request, 'hold') === staff.of(request)
      response.json([isSame, shop.of(request).get('cart'), staff.of(request).get('role')])
    })
    const url = await listen(app)
    const written = await fetch(`${url}/write`)
    const cookies = written.headers.getSetCookie().map((line) => line.split(';')[0])
    expect(cookies.map((pair) => pair?.replace(/=.*/, '') ?? '').toSorted()).toEqual(['id', 'staff'])
    const read = await fetch(`${url}/read`, { headers: { cookie: cookies.join('; ') } })
    expect(await read.json()).toEqual([true, ['tea'], 'admin'])
  })

  it('answers once when the commits of two engines fail', async () => {
    const one = createSessions({ store: brokenStore() })
    const two = createSessions({ store: brokenStore(), cookie: { name: 'two' } })
    const app = create()
    let errors = 0
    app.use(expressSessions(one), expressSessions(two, { property: 'hold' }))
    app.get('/', (request, response) => {
      one.of(request).set('name', 'ann')
      two.of(request).set('name', 'bob')
      response.send('ok')
    })
    app.use(((error, request, response, next) => {
      errors++
      noteCode(error, request, response, next)
    }) as ErrorRequestHandler)
    const response = await fetch(await listen(app))
    expect([response.status, errors, response.headers.getSetCookie()]).toEqual([503, 1, []])
  })

  it('believes a proxy only as far as the application does', async () => {
    const app = create()
    app.use(expressSessions(createSessions({ store: memoryStore() })))
    app.get('/', (request, response) => {
      request.session.set('name', 'ann')
      response.send('ok')
    })
    const url = await listen(app)
    const headers = { 'x-forwarded-proto': 'https' }
    expect((await fetch(url, { headers })).headers.getSetCookie()[0]).toMatch(/^id=/)
    app.set('trust proxy', 1)
    expect((await fetch(url, { headers })).headers.getSetCookie()[0]).toMatch(/^__Host-id=/)
  })

  it('refuses requests that come after the engine was closed', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const app = create()
    app.use(expressSessions(sessions))
    app.get('/', (_request, response) => void response.send('page'))
    app.use(noteCode)
    const url = await listen(app)
    await sessions.close()
    const response = await fetch(url)
    expect([response.status, await response.json()]).toMatchObject([503, { code: 'ERR_CLOSED' }])
  })
})

describe('expressSessions()', () => {
  it('refuses at start what cannot work', () => {
    const sessions = createSessions({ store: memoryStore() })
    const misspelt = { pasive: true } as object
    const problemsOf = (call: () => unknown): string[] => {
      try {
        call()
        return []
      } catch (error) {
        return (error as OptionsError).problems.map(({ path }) => path)
      }
    }
    expect(problemsOf(() => expressSessions(sessions, misspelt))).toEqual(['pasive'])
    expect(problemsOf(() => expressSessions({ store: memoryStore() } as never))).toEqual(['sessions'])
  })
})
