import { once } from 'node:events'
import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'

import Koa, { type Middleware } from 'koa'
import Koa2 from 'koa2'
import { afterEach, describe, expect, it } from 'vitest'

import { type SessionStore, createSessions, isHoldfastError, koaSessions, memoryStore } from './index.ts'

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(app: Koa): Promise<string> {
  if (app.listenerCount('error') === 0) app.on('error', () => {})
  const server = app.listen(0, '127.0.0.1')
  closers.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function brokenStore(): SessionStore {
  return { ...memoryStore(), create: () => Promise.reject(new Error('out of order')) }
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** Signs in at `/login`, and leaves the rest to others. */
const login: Middleware = (ctx, next) => {
  if (ctx.path !== '/login') return next()
  ctx.session.login('ann')
  ctx.body = 'signed in'
  return undefined
}

const MAJORS = [
  { major: 3, Framework: Koa },
  { major: 2, Framework: Koa2 as unknown as typeof Koa },
]

describe.each(MAJORS)('Koa $major', ({ Framework }) => {
  it("answers a failed commit by ctx.onerror, which tells the application's error event", async () => {
    const app = new Framework()
    const errors: unknown[] = []
    app.on('error', (error) => errors.push(error))
    app.use(koaSessions(createSessions({ store: brokenStore() })))
    app.use((ctx) => {
      ctx.session.login('ann')
      ctx.set('X-Word', 'of the handler')
      ctx.body = { secret: true }
    })
    const response = await fetch(await listen(app))
    expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable'])
    expect([response.headers.get('x-word'), response.headers.getSetCookie()]).toEqual([null, []])
    expect(errors).toMatchObject([{ code: 'ERR_STORE_FAILED', status: 503 }])
  })

  it("answers a failed commit by the application's own onerror, with the code", async () => {
    const app = new Framework()
    app.context.onerror = function onerror(this: Koa.Context, error: Error | null) {
      if (!isHoldfastError(error)) return
      this.res.statusCode = error.status
      this.res.end(error.code)
    }
    app.use(koaSessions(createSessions({ store: brokenStore() })))
    app.use((ctx) => {
      ctx.session.login('ann')
      ctx.redirect('/home')
    })
    const response = await fetch(await listen(app), { redirect: 'manual' })
    expect([response.status, await response.text()]).toEqual([503, 'ERR_STORE_FAILED'])
    expect(response.headers.get('location')).toBeNull()
  })

  it('leaves a failed load to the middleware that catches errors', async () => {
    const store = memoryStore()
    const sessions = createSessions({ store: { ...store, load: () => Promise.reject(new Error('out of order')) } })
    const app = new Framework()
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        if (!isHoldfastError(error)) throw error
        ctx.status = error.status
        ctx.body = error.code
      }
    })
    app.use(koaSessions(sessions))
    app.use((ctx) => {
      ctx.body = ctx.session.subject ?? 'nobody'
    })
    const response = await fetch(await listen(app), { headers: { cookie: `id=${'A'.repeat(32)}` } })
    expect([response.status, await response.text()]).toEqual([503, 'ERR_STORE_FAILED'])
  })

  it('keeps what it says of the cookie when the middleware throws, although Koa removes all headers', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const app = new Framework()
    app.use(koaSessions(sessions)).use(login)
    app.use((ctx) => {
      ctx.append('Set-Cookie', 'theme=dark')
      if (ctx.path === '/logout') {
        ctx.session.logout()
        throw new Error('a defect')
      }
      ctx.session.set('attempts', 1)
      ctx.throw(422, 'try again')
    })
    const url = await listen(app)
    const cookie = cookieOf(await fetch(`${url}/login`))
    const failed = await fetch(`${url}/form`)
    expect([failed.status, await failed.text()]).toEqual([422, 'try again'])
    expect(failed.headers.getSetCookie()).toMatchObject([expect.stringMatching(/^id=[\w-]{32};/)])
    const out = await fetch(`${url}/logout`, { headers: { cookie } })
    expect(out.status).toBe(500)
    expect(out.headers.getSetCookie()).toMatchObject([expect.stringMatching(/^id=;.*Max-Age=0/)])
  })

  it('holds a response that the middleware writes by itself', async () => {
    const store = memoryStore()
    let isSaved = false
    let wasSaved: boolean | undefined
    const create: SessionStore['create'] = async (...values) => {
      await new Promise((resolve) => setImmediate(resolve))
      const answer = await store.create(...values)
      isSaved = true
      return answer
    }
    const app = new Framework()
    app.use(koaSessions(createSessions({ store: { ...store, create } })))
    app.use((ctx) => {
      ctx.session.set('name', 'ann')
      ctx.respond = false
      ctx.res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      ctx.res.write('data: 1\n\n', () => {
        wasSaved = isSaved
        ctx.res.end('data: 2\n\n')
      })
    })
    const response = await fetch(await listen(app))
    expect([response.status, await response.text()]).toEqual([200, 'data: 1\n\ndata: 2\n\n'])
    expect(cookieOf(response)).toMatch(/^id=/)
    expect(wasSaved).toBe(true)
  })

  it('answers null, nothing, and a status without a body, with their cookies', async () => {
    const app = new Framework()
    app.use(koaSessions(createSessions({ store: memoryStore() })))
    app.use((ctx) => {
      ctx.session.set('name', 'ann')
      if (ctx.path === '/null') ctx.body = null
      if (ctx.path === '/304') ctx.status = 304
    })
    const url = await listen(app)
    const answers = await Promise.all(['/null', '/nothing', '/304'].map((path) => fetch(url + path)))
    expect(answers.map(({ status }) => status)).toEqual([204, 404, 304])
    for (const answer of answers) expect(cookieOf(answer)).toMatch(/^id=[\w-]{32}$/)
  })

  it('adds its cookie to those of ctx.cookies', async () => {
    const app = new Framework()
    app.use(koaSessions(createSessions({ store: memoryStore() })))
    app.use((ctx) => {
      ctx.cookies.set('theme', 'dark')
      ctx.session.set('name', 'ann')
      ctx.body = 'ok'
    })
    const names = (await fetch(await listen(app))).headers.getSetCookie().map((line) => line.split('=')[0])
    expect(names).toEqual(['theme', 'id'])
  })

  it('commits when the client went away while a middleware above still waited', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const app = new Framework()
    let enter = (): void => {}
    const entered = new Promise<void>((resolve) => {
      enter = resolve
    })
    app.use(async (ctx, next) => {
      await next()
      if (ctx.path === '/leave') {
        enter()
        await once(ctx.res, 'close')
      }
    })
    app.use(koaSessions(sessions)).use(login)
    app.use((ctx) => {
      if (ctx.path === '/leave') ctx.session.set('name', 'saved')
      ctx.body = String(ctx.session.get('name'))
    })
    const url = await listen(app)
    const cookie = cookieOf(await fetch(`${url}/login`))
    const leaving = send(`${url}/leave`, { headers: { cookie } }).on('error', () => {})
    leaving.end()
    await entered
    leaving.destroy()
    await expect.poll(async () => (await fetch(url, { headers: { cookie } })).text()).toBe('saved')
  })

  it('leaves a response that the middleware writes by itself to it, although the client went away', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const app = new Framework()
    app.use(koaSessions(sessions)).use(login)
    let enter = (): void => {}
    const entered = new Promise<void>((resolve) => {
      enter = resolve
    })
    app.use((ctx) => {
      ctx.body = String(ctx.session.get('name'))
      if (ctx.path !== '/leave') return
      ctx.respond = false
      ctx.res.once('close', () => {
        ctx.session.set('name', 'saved')
        ctx.res.end()
      })
      enter()
    })
    const url = await listen(app)
    const cookie = cookieOf(await fetch(`${url}/login`))
    const leaving = send(`${url}/leave`, { headers: { cookie } }).on('error', () => {})
    leaving.end()
    await entered
    leaving.destroy()
    await expect.poll(async () => (await fetch(url, { headers: { cookie } })).text()).toBe('saved')
  })

  it('survives a stream whose client goes away during the commit', async () => {
    const store = memoryStore()
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let hold = (): void => {}
    const held = new Promise<void>((resolve) => {
      hold = resolve
    })
    const update: SessionStore['update'] = async (...values) => {
      hold()
      await released
      return store.update(...values)
    }
    const sessions = createSessions({ store: { ...store, update }, storeDeadline: '5s', commitDeadline: '10s' })
    const app = new Framework()
    const errors: { code?: string }[] = []
    app.on('error', (error) => errors.push(error as { code?: string }))
    app.use(koaSessions(sessions)).use(login)
    const stream = new PassThrough()
    const closed = new Promise((resolve) => {
      stream.once('close', resolve)
    })
    app.use((ctx) => {
      ctx.session.set('name', 'saved')
      ctx.body = stream
      stream.write('first')
    })
    const url = await listen(app)
    const cookie = cookieOf(await fetch(`${url}/login`))
    const leaving = send(`${url}/stream`, { headers: { cookie } }).on('error', () => {})
    leaving.end()
    await held
    leaving.destroy()
    await closed
    release()
    await expect
      .poll(async () => (await sessions.open({ secure: false, header: () => cookie })).get('name'))
      .toBe('saved')
    expect(errors.filter(({ code }) => code === 'ERR_STREAM_WRITE_AFTER_END')).toEqual([])
  })

  it('names what has taken the property', async () => {
    const app = new Framework()
    const errors: unknown[] = []
    app.on('error', (error) => errors.push(error))
    Object.defineProperty(app.context, 'session', { get: () => ({ manuallyCommit() {} }) })
    app.use(koaSessions(createSessions({ store: memoryStore() })))
    const response = await fetch(await listen(app))
    expect(response.status).toBe(500)
    expect(errors).toMatchObject([
      { code: 'ERR_ALREADY_MOUNTED', message: expect.stringContaining('koa-session') as string },
    ])
  })
})
