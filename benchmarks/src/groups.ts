/** Who is alive at the same time. More than eight processes cost each other instructions, at random. */
import { type Contender, type Framework, contenderNamed } from './contenders.ts'

/** Contenders that are measured round about: one bare framework, the best peer there is, and what is compared. */
export interface Group {
  readonly name: string
  readonly framework: Framework
  readonly contenders: readonly Contender[]
}

const LARGEST_GROUP = 8

/** Every contender in at least one group. */
export const GROUPS: readonly Group[] = [
  group('express, memory', 'express', [
    'express-bare',
    'express-floor-local',
    'express-holdfast-memory',
    'express-session-memory',
  ]),
  group('express, cookies', 'express', [
    'express-bare',
    'express-holdfast-cookies',
    'express-holdfast-memory',
    'cookie-session',
    'iron-session',
  ]),
  group('express, redis', 'express', [
    'express-bare',
    'express-floor-write-through',
    'express-floor-get',
    'express-holdfast-redis',
    'express-holdfast-redis-uncached',
    'express-holdfast-redis-sealed',
    'express-session-redis',
    'express-session-memory',
  ]),
  group('express, postgres', 'express', [
    'express-bare',
    'express-holdfast-postgres',
    'express-session-postgres',
    'express-session-memory',
  ]),
  group('koa, memory', 'koa', [
    'koa-bare',
    'koa-floor-local',
    'koa-holdfast-memory',
    'koa-holdfast-cookies',
    'koa-session-redis',
  ]),
  group('koa, shared stores', 'koa', [
    'koa-bare',
    'koa-floor-write-through',
    'koa-floor-get',
    'koa-holdfast-redis',
    'koa-holdfast-redis-uncached',
    'koa-holdfast-postgres',
    'koa-session-redis',
  ]),
  group('fastify, memory', 'fastify', [
    'fastify-bare',
    'fastify-floor-local',
    'fastify-holdfast-memory',
    'fastify-session-memory',
  ]),
  group('fastify, cookies', 'fastify', [
    'fastify-bare',
    'fastify-holdfast-cookies',
    'fastify-holdfast-memory',
    'fastify-secure-session',
  ]),
  group('fastify, shared stores', 'fastify', [
    'fastify-bare',
    'fastify-floor-write-through',
    'fastify-floor-get',
    'fastify-holdfast-redis',
    'fastify-holdfast-redis-uncached',
    'fastify-holdfast-postgres',
    'fastify-session-redis',
    'fastify-session-memory',
  ]),
]

/** One group for each framework, for a first look. */
export const QUICK_GROUPS: readonly Group[] = [
  group('express', 'express', [
    'express-bare',
    'express-holdfast-memory',
    'express-holdfast-redis',
    'express-session-memory',
    'express-session-redis',
  ]),
  group('koa', 'koa', ['koa-bare', 'koa-holdfast-memory', 'koa-holdfast-redis', 'koa-session-redis']),
  group('fastify', 'fastify', [
    'fastify-bare',
    'fastify-holdfast-memory',
    'fastify-holdfast-redis',
    'fastify-session-memory',
    'fastify-session-redis',
  ]),
]

/**
 * Keeps the contenders of those names, each in the first group that has it, with the bare framework of each group that
 * is left. Without names, keeps all.
 */
export function selectGroups(groups: readonly Group[], only: readonly string[]): readonly Group[] {
  if (only.length === 0) return groups
  const wanted = new Set(only.map((name) => contenderNamed(name).name))
  const selected = [...groups, ...GROUPS].flatMap((one) => {
    const contenders = one.contenders.filter(({ name, role }) => role === 'bare' || wanted.has(name))
    if (!contenders.some(({ name }) => wanted.has(name))) return []
    for (const { name } of contenders) wanted.delete(name)
    return [{ ...one, contenders }]
  })
  return selected
}

function group(name: string, framework: Framework, names: readonly string[]): Group {
  if (names.length > LARGEST_GROUP) throw new Error(`The group "${name}" has more than ${LARGEST_GROUP} contenders.`)
  return { name, framework, contenders: names.map(contenderNamed) }
}
