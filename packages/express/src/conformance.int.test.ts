import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { type Answer, type Serve, bindingConformance } from '@holdfast/conformance'
import express, { type NextFunction, type Request, type Response } from 'express'
import express4 from 'express4'
import { describe, expect, it } from 'vitest'

import { expressSessions } from './index.ts'

const require = createRequire(import.meta.url)

function serveWith(framework: typeof express): Serve {
  return async ({ isProxyTrusted, mount, list, onError }, sessions) => {
    const app = framework()
    app.set('trust proxy', isProxyTrusted)
    app.use(expressSessions(sessions, mount))
    for (const { method, path, mount: again, handle } of list) {
      const handler = (request: Request, response: Response, next: NextFunction): void => {
        const session: unknown = Reflect.get(request, mount.property ?? 'session')
        Promise.resolve()
          .then(() => handle({ session, carrier: request }))
          .then((answer) => send(response, answer))
          .catch(next)
      }
      const middleware = again === undefined ? [] : [expressSessions(sessions, { ...mount, ...again })]
      app[method === 'GET' ? 'get' : 'post'](path, ...middleware, handler)
    }
    app.use((error: unknown, _request: Request, _response: Response, next: NextFunction) => {
      onError(error)
      next(error)
    })
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { url, close: () => new Promise((resolve) => server.close(resolve)) }
  }
}

function send(response: Response, answer: Answer): unknown {
  if (answer.status !== undefined) response.status(answer.status)
  response.set(answer.headers ?? {})
  for (const cookie of answer.cookies ?? []) response.append('Set-Cookie', cookie)
  switch (answer.type) {
    case 'text':
      return response.type('text').send(answer.body)
    case 'json':
      return response.json(answer.body)
    case 'redirect':
      return response.redirect(answer.location)
    case 'stream':
      return answer.body.pipe(response)
    case 'empty':
      return response.status(answer.status ?? 204).end()
  }
}

const MAJORS = [
  { name: 'express', framework: express, major: 5 },
  // Express 4 has the same face as far as the suite uses it.
  { name: 'express4', framework: express4 as unknown as typeof express, major: 4 },
]

for (const { name, framework, major } of MAJORS) {
  describe(`Express ${major}`, () => {
    it('is what is loaded', () => {
      expect((require(`${name}/package.json`) as { version: string }).version).toMatch(new RegExp(`^${major}\\.`))
    })
  })
  bindingConformance({ name: `Express ${major}`, serve: serveWith(framework), runner: { describe, it } })
}
