/**
 * `npm run bench:memory -- [MiB]`: what the local cache takes, without a server: 100,000 sessions of 350 B as a shared store
 * answers them, two fields of each read, in a cache of so many MiB. Then what a hit costs, by the number of users in turn.
 */
import { cacheSessions, readFields } from '../../packages/core/test/cached-sessions.ts'
import { keyOf } from '../../packages/core/src/mechanisms/token.ts'
import { fieldsOf } from '../contenders/session-fields.ts'

const SESSIONS = 100_000
const MIB = 2 ** 20
const READ = ['user', 'visits']

const [allowed = '75'] = process.argv.slice(2)
const { cache, tokens, bytes, held } = cacheSessions(
  SESSIONS,
  Number(allowed) * MIB,
  (user) => fieldsOf(user, '350'),
  READ,
)
const count = held()
console.log(`${count} of ${SESSIONS} sessions are held in ${(bytes / MIB).toFixed(1)} MiB (${allowed} MiB allowed)`)
console.log(`${Math.round(bytes / count)} B for each`)
for (const users of [32, 1000, 10_000, count]) console.log(`a hit over ${users}: ${hitCost(tokens.slice(-users))} ns`)

/** CPU of hash, copy and two values, each session once in turn, in nanoseconds: the best of some rounds. */
function hitCost(users: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage()
    let hits = 0
    for (; hits < 100_000; hits += users.length) {
      for (const token of users) {
        const copy = cache.find(keyOf(token))
        if (copy !== undefined) readFields(copy, READ)
      }
    }
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, ((user + system) * 1000) / hits)
  }
  return Math.round(best)
}
