/** Koa without sessions. */
import type { Server } from 'node:http'

import Koa from 'koa'

import { NOBODY } from '../contender.ts'
import { listening } from '../listening.ts'
import { KNOWN, placeboCookie } from './placebo.ts'

export function start(): Promise<Server> {
  const app = new Koa()
  app.use((ctx) => {
    const [, route] = ctx.path.split('/')
    switch (route) {
      case 'login':
        ctx.set('Set-Cookie', placeboCookie())
        ctx.body = KNOWN
        return
      case 'none':
      case 'logout':
        ctx.body = NOBODY
        return
      case 'read':
      case 'write':
        ctx.body = KNOWN
    }
  })
  return listening(app.listen(0, '127.0.0.1'))
}
