import type { Contender } from '../contender.ts'
import { holdfastExpress } from './express.ts'
import { holdfastFastify } from './fastify.ts'
import { holdfastKoa } from './koa.ts'

export const HOLDFAST: readonly Contender[] = [holdfastExpress, holdfastKoa, holdfastFastify]
