import type { Contender } from '../contender.ts'
import { expressSession } from './express-session.ts'
import { fastifySession } from './fastify-session.ts'
import { koaSession } from './koa-session.ts'

export const PEERS: readonly Contender[] = [
  expressSession({ isDistant: false, savesByHand: false }),
  expressSession({ isDistant: true, savesByHand: false }),
  expressSession({ isDistant: true, savesByHand: true }),
  koaSession,
  fastifySession,
]
