/** Measures what 100,000 sessions of 350 B take: in processes, retained after a collection, and in Redis. */
import { fieldsOf } from '../contenders/session-fields.ts'
import { ContenderProcess } from './contender-process.ts'
import { contenderNamed } from './contenders.ts'
import { signIn } from './load/sign-in.ts'
import type { Plan } from './measure-group.ts'
import type { MemoryRow } from './results.ts'
import { scenarioNamed } from './scenarios.ts'

const SESSIONS = 100_000
const DAY_SECONDS = 86_400
const BATCH = 1000

export async function measureMemory(plan: Plan): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = []
  for (const name of ['express-holdfast-memory', 'express-session-memory', 'fastify-session-memory']) {
    rows.push({ place: `process, ${name}`, sessions: SESSIONS, bytes: (await measureProcess(name, plan)).retained })
    plan.note(`memory: ${name}`)
  }
  const cached = await measureProcess('express-holdfast-redis', plan)
  rows.push({ place: 'process, local cache over Redis', sessions: SESSIONS, bytes: cached.retained })
  rows.push({ place: 'Redis, Holdfast', sessions: SESSIONS, bytes: cached.inRedis })
  rows.push({
    place: 'Redis, connect-redis',
    sessions: SESSIONS,
    bytes: (await measureProcess('express-session-redis', plan)).inRedis,
  })
  rows.push({
    place: 'Redis, a plain SET of the JSON with a TTL',
    sessions: SESSIONS,
    bytes: await measurePlain(plan, setPlain),
  })
  rows.push({
    place: 'Redis, one hash field for each key',
    sessions: SESSIONS,
    bytes: await measurePlain(plan, setHash),
  })
  plan.note('memory: Redis')
  return rows
}

async function measureProcess(name: string, plan: Plan): Promise<{ retained: number; inRedis: number }> {
  const urls = await plan.stores.renew()
  const terms = { ...plan, ...urls, nodeFlags: [...plan.nodeFlags, '--expose-gc'] }
  const started = await ContenderProcess.launch(contenderNamed(name), terms)
  const { shots, connections } = scenarioNamed('read350')
  try {
    // A first one, so that what is made once is there before.
    await signIn(started.port, 1000, '350')
    const before = await started.usage(true)
    const redisBefore = await usedByRedis(plan)
    const cookies = await signIn(started.port, SESSIONS, '350')
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

async function measurePlain(plan: Plan, keep: Keep): Promise<number> {
  await plan.stores.renew()
  const before = await usedByRedis(plan)
  for (let index = 0; index < SESSIONS; index++) {
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
