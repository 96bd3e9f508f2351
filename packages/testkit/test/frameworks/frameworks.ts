import { serveExpress } from './serve-express.ts'
import { serveFastify } from './serve-fastify.ts'
import { serveKoa } from './serve-koa.ts'
import type { Serve } from './site.ts'

export interface Framework {
  readonly name: string
  readonly serve: Serve
}

/** The frameworks on which every promise must hold. */
export const FRAMEWORKS: readonly Framework[] = [
  { name: 'Express 5', serve: serveExpress },
  { name: 'Koa 3', serve: serveKoa },
  { name: 'Fastify 5', serve: serveFastify },
]
