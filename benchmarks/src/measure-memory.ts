/** Measures what sessions of 350 B take: in processes, retained after a collection, and in Redis. */
import { fieldsOf } from '../contenders/session-fields.ts'
import { ContenderProcess } from './contender-process.ts'
import { contenderNamed } from './contenders.ts'
import { signIn } from './load/sign-in.ts'
import type { Plan } from './measure-group.ts'
import type { MemoryRow } from './results.ts'
import { scenarioNamed } from './scenarios.ts'

export const SESSIONS = 100_000
const DAY_SECONDS = 86_400
const BATCH = 1000

export async function measureMemory(plan: Plan, sessions: number): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = []
  const add = (place: string, bytes: number): void => {
    rows.push({ place, sessions, bytes })
    plan.note(`memory: ${place}`)
  }
  for (const name of ['express-holdfast-memory', 'express-session-memory', 'fastify-session-memory']) {
    add(`process, ${name}`, (await measureProcess(name, plan, sessions)).retained)
  }
  const cached = await measureProcess('express-holdfast-redis', plan, sessions)
  add('process, local cache over Redis', cached.retained)
  add('Redis, Holdfast', cached.inRedis)
  add('Redis, connect-redis', (await measureProcess('express-session-redis', plan, sessions)).inRedis)
  add('Redis, a plain SET of the JSON with a TTL', await measurePlain(plan, sessions, setPlain))
  add('Redis, one hash field for each key', await measurePlain(plan, sessions, setHash))
  return rows
}

async function measureProcess(
  name: string,
  plan: Plan,
  sessions: number,
): Promise<{ retained: number; inRedis: number }> {
  const urls = await plan.stores.renew()
  const terms = { ...plan, ...urls, nodeFlags: [...plan.nodeFlags, '--expose-gc'] }
  const started = await ContenderProcess.launch(contenderNamed(name), terms)
  const { shots, connections } = scenarioNamed('read350')
  try {
    // A first one, so that what is made once is there before.
    await signIn(started.port, 1000, '350')
    const before = await started.usage(true)
    const redisBefore = await usedByRedis(plan)
    const cookies = await signIn(started.port, sessions, '350')
    await plan.load.run({ port: started.port, shots: shots(cookies, 0), connections, duration: 'spent' })
    const after = await started.usage(true)
    return { retained: after.retained - before.retained, inRedis: (await usedByRedis(plan)) - redisBefore }
  } finally {
    await started.stop()
  }
}

type Keep = (plan: Plan, key: string, user: string) => unknown

const setPlain: Keep = ({ stores }, key, user) =>
  void stores.redis.set(key, JSON.stringify(fieldsOf(user, '350')), 'EX', DAY_SECONDS)

const setHash: Keep = ({ stores }, key, user) => {
  const fields = Object.entries(fieldsOf(user, '350')).map(([name, value]) => [name, JSON.stringify(value)] as const)
  void stores.redis.hset(key, Object.fromEntries(fields))
  void stores.redis.expire(key, DAY_SECONDS)
}

async function measurePlain(plan: Plan, sessions: number, keep: Keep): Promise<number> {
  await plan.stores.renew()
  const before = await usedByRedis(plan)
  for (let index = 0; index < sessions; index++) {
    // As long as the keys of Holdfast, with its prefix.
    keep(plan, `holdfast:${String(index).padStart(22, 'k')}`, `user-${100_000 + index}`)
    if (index % BATCH === BATCH - 1) await plan.stores.redis.ping()
  }
  return (await usedByRedis(plan)) - before
}

async function usedByRedis({ stores }: Plan): Promise<number> {
  const info = await stores.redis.info('memory')
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1])
}
