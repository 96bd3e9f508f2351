/** Who is measured, without loading any of it: each contender runs in a process of its own. */
import type { StoreKind } from '../contenders/contender.ts'
import type { ScenarioName } from './scenarios.ts'

export type Framework = 'express' | 'koa' | 'fastify'

/** What the results call a contender, and where it comes from. */
export interface Contender {
  readonly name: string
  readonly framework: Framework
  readonly role: 'bare' | 'floor' | 'holdfast' | 'peer'
  /** Below `contenders/`. */
  readonly module: string
  readonly store: StoreKind
  /** Scenarios that it cannot take part in. */
  readonly skips: readonly ScenarioName[]
}

const FRAMEWORKS: readonly Framework[] = ['express', 'koa', 'fastify']

/** Sessions that lie in cookies are nowhere to be counted. */
const NOT_KEPT: readonly ScenarioName[] = ['read50k']

const CONTENDERS: readonly Contender[] = [
  ...FRAMEWORKS.flatMap((framework) => [
    contender(framework, 'bare', `${framework}-bare`, `bare/${framework}.ts`, 'none'),
    contender(framework, 'floor', `${framework}-floor-local`, `floors/${framework}.ts`, 'memory'),
    contender(framework, 'floor', `${framework}-floor-write-through`, `floors/${framework}.ts`, 'redis'),
    contender(framework, 'floor', `${framework}-floor-get`, `floors/${framework}.ts`, 'redis-uncached'),
    contender(framework, 'holdfast', `${framework}-holdfast-memory`, `holdfast/${framework}.ts`, 'memory'),
    contender(framework, 'holdfast', `${framework}-holdfast-redis`, `holdfast/${framework}.ts`, 'redis'),
    contender(
      framework,
      'holdfast',
      `${framework}-holdfast-redis-uncached`,
      `holdfast/${framework}.ts`,
      'redis-uncached',
    ),
    contender(framework, 'holdfast', `${framework}-holdfast-postgres`, `holdfast/${framework}.ts`, 'postgres'),
    contender(framework, 'holdfast', `${framework}-holdfast-cookies`, `holdfast/${framework}.ts`, 'cookie', NOT_KEPT),
  ]),
  contender('express', 'holdfast', 'express-holdfast-redis-sealed', 'holdfast/express.ts', 'redis-sealed'),
  contender('express', 'peer', 'express-session-memory', 'server-side/express-session.ts', 'memory'),
  contender('express', 'peer', 'express-session-redis', 'server-side/express-session.ts', 'redis'),
  contender('express', 'peer', 'express-session-postgres', 'server-side/express-session.ts', 'postgres'),
  contender('express', 'peer', 'cookie-session', 'sealed/cookie-session.ts', 'cookie', NOT_KEPT),
  contender('express', 'peer', 'iron-session', 'sealed/iron-session.ts', 'cookie', [...NOT_KEPT, 'read4k', 'write4k']),
  contender('koa', 'peer', 'koa-session-redis', 'server-side/koa-session.ts', 'redis'),
  contender('fastify', 'peer', 'fastify-session-memory', 'server-side/fastify-session.ts', 'memory'),
  contender('fastify', 'peer', 'fastify-session-redis', 'server-side/fastify-session.ts', 'redis'),
  contender('fastify', 'peer', 'fastify-secure-session', 'sealed/fastify-secure-session.ts', 'cookie', NOT_KEPT),
]

/** Answers the contender of that name. */
export function contenderNamed(name: string): Contender {
  const found = CONTENDERS.find((one) => one.name === name)
  if (found === undefined) {
    throw new Error(`There is no contender "${name}". There are: ${CONTENDERS.map((one) => one.name).join(', ')}.`)
  }
  return found
}

function contender(
  framework: Framework,
  role: Contender['role'],
  name: string,
  module: string,
  store: StoreKind,
  skips: readonly ScenarioName[] = [],
): Contender {
  return { name, framework, role, module, store, skips }
}
