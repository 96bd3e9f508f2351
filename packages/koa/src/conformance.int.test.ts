import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { type Answer, type Serve, bindingConformance } from '@holdfast/conformance'
import Koa, { type Context } from 'koa'
import Koa2 from 'koa2'
import { describe, expect, it } from 'vitest'

import { koaSessions } from './index.ts'

const require = createRequire(import.meta.url)

function serveWith(Framework: typeof Koa): Serve {
  return async ({ isProxyTrusted, mount, list, onError }, sessions) => {
    const app = new Framework()
    app.proxy = isProxyTrusted
    app.on('error', onError)
    app.use(koaSessions(sessions, mount))
    app.use(async (ctx) => {
      const method = ctx.method === 'HEAD' ? 'GET' : ctx.method
      const route = list.find((each) => each.path === ctx.path && each.method === method)
      if (route === undefined) return
      const handle = async (): Promise<void> => {
        const session: unknown = Reflect.get(ctx, mount.property ?? 'session')
        send(ctx, await route.handle({ session, carrier: ctx }))
      }
      await (route.mount === undefined ? handle() : koaSessions(sessions, { ...mount, ...route.mount })(ctx, handle))
    })
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { url, close: () => new Promise((resolve) => server.close(resolve)) }
  }
}

function send(ctx: Context, answer: Answer): void {
  if (answer.status !== undefined) ctx.status = answer.status
  ctx.set({ ...answer.headers })
  for (const cookie of answer.cookies ?? []) ctx.append('Set-Cookie', cookie)
  if (answer.type === 'redirect') ctx.redirect(answer.location)
  else ctx.body = answer.type === 'empty' ? null : answer.body
}

const MAJORS = [
  { name: 'koa', framework: Koa, major: 3 },
  // Koa 2 has the same face as far as the suite uses it.
  { name: 'koa2', framework: Koa2 as unknown as typeof Koa, major: 2 },
]

for (const { name, framework, major } of MAJORS) {
  describe(`Koa ${major}`, () => {
    it('is what is loaded', () => {
      expect((require(`${name}/package.json`) as { version: string }).version).toMatch(new RegExp(`^${major}\\.`))
    })
  })
  bindingConformance({ name: `Koa ${major}`, serve: serveWith(framework), runner: { describe, it } })
}
