import type {
  ChangeFeed,
  Clocked,
  Closable,
  Countable,
  EndReason,
  Generational,
  Pingable,
  Prefixed,
  Resettable,
  SessionStore,
  SubjectIndex,
  Trimmable,
} from '@holdfast/core'
import type { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { ended } from './answers.ts'
import { Census } from './census.ts'
import { deploymentOf } from './client/deployment.ts'
import { DurableLink } from './client/durable-link.ts'
import { Link } from './client/link.ts'
import { Reconnection } from './client/reconnection.ts'
import { reviveWhenCutShort } from './client/revival.ts'
import { untilReady } from './client/until-ready.ts'
import { KeptEnds } from './ends/kept-ends.ts'
import { Replay } from './ends/replay.ts'
import { ChangeHearing } from './feed/change-hearing.ts'
import { Publisher } from './feed/publisher.ts'
import { Keyspace } from './keyspace.ts'
import { resolveRedisStoreOptions, type RedisStoreOptions } from './redis-store-options.ts'
import { Fitness } from './server/fitness.ts'
import { RedisClock } from './server/redis-clock.ts'
import { SubjectSessions } from './subject-index/subject-index.ts'
import { end } from './verbs/end-session.ts'
import { generationFrom } from './verbs/generation.ts'
import type { Parts } from './verbs/parts.ts'
import { RecordReader } from './verbs/record-reader.ts'
import { renewAtOnce, renewInSteps } from './verbs/renew-session.ts'
import { create, touch, trim, update } from './verbs/write-record.ts'
import { createWarner } from './warnings.ts'

/** A store in Redis, with every optional power but sweeping: Redis does that itself. */
export type RedisStore = SessionStore &
  SubjectIndex &
  ChangeFeed &
  Trimmable &
  Generational &
  Countable &
  Pingable &
  Closable &
  Clocked &
  Resettable &
  Prefixed

/**
 * Makes a store that keeps its records in Redis, over your own ioredis client: one server, Sentinel, or a Cluster.
 *
 * - A verb is one round trip as a rule. Two take a load that finds nothing, and an update that the index of the subject
 *   must be told of, since the absolute end has changed; three a renewal in a Cluster, and at any crash point exactly one
 *   of both keys is valid.
 * - Deadlines run on Redis time. Redis removes what is past its end.
 * - Ends and renewals are remembered for ten minutes, and told again to a server that has forgotten them.
 * - `subscribe` opens a connection of its own, which `close` ends. The client stays yours.
 *
 * @throws {@link RedisOptionsError} (`ERR_REDIS_OPTIONS`) with all problems at once.
 *
 * @example
 * ```ts
 * import { createSessions } from '@holdfast/core'
 * import { redisStore } from '@holdfast/redis'
 * import { Redis } from 'ioredis'
 *
 * const client = new Redis({ enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
 * const sessions = createSessions({ store: redisStore({ client, prefix: 'shop' }) })
 * ```
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix, durability } = resolveRedisStoreOptions(options)
  const keyspace = new Keyspace(prefix)
  const deployment = deploymentOf(client)
  const { isCluster } = deployment
  const stopReviving = reviveWhenCutShort(client)
  const reconnection = new Reconnection(client)
  const link = new Link(client, deployment, reconnection)
  const publisher = new Publisher(link, keyspace.channel, isCluster)
  const ends: KeptEnds = new KeptEnds(() => replay.watch())
  const warn = createWarner()
  const reader = new RecordReader(link, keyspace, ends)
  const clock = new RedisClock(async () => {
    const [seconds, micros] = (await client.callBuffer('TIME')) as [Buffer, Buffer]
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  })
  const index = new SubjectSessions(link, keyspace, {
    standings: (keys) => reader.readEach(keys),
    now: () => clock.now(),
    repairTombstone: () => ({ reason: 'repair', at: clock.now(), id: undefined, commitId: commitId() }),
  })
  const census = new Census(link, keyspace, reader, () => clock.now())
  const hearing = new ChangeHearing(deployment, keyspace.channel, publisher, {
    onChange(change) {
      if (change.type === 'changed') return
      const [at, commit] = [clock.now(), commitId()]
      if (change.type === 'ended') {
        // Reasons are text to a store; those that it does not know come from newer versions.
        ends.hearEnd(change.key, { reason: change.reason as EndReason, at, id: change.id, commitId: commit })
      } else {
        // Neither its grace nor its sealed token is told: they come back with the replay of the process that made it.
        ends.hearRenewal(change.key, { successor: change.successor, at, graceUntil: at, commitId: commit })
      }
    },
    onWipe: () => replay.again(),
  })
  const parts: Parts = { isCluster, keyspace, link, scripts: link, publisher, index, ends, census, reader }
  const durable = durability === undefined ? undefined : new DurableLink(link, deployment, durability, warn)
  // Messages of two connections may overtake each other, so each has numbers of its own.
  const lasting: Parts =
    durable === undefined
      ? parts
      : { ...parts, scripts: durable, publisher: isCluster ? publisher : new Publisher(link, keyspace.channel, false) }
  const replay = new Replay(client, link, keyspace, ends, () => clock.now())
  const fitness = new Fitness(client, link, keyspace, warn)
  let checked: Promise<void> | undefined
  const renew = isCluster ? renewInSteps : renewAtOnce

  return {
    name: 'redis',
    prefix,
    capabilities: Object.freeze({ isShared: true, isDurable: true }),
    clock,

    load: (key, call) => reader.load(key, call),

    create: (record, call) => create(parts, record, call),

    update: (record, expected, call) => update(parts, record, expected, call),

    async touch(touches, { signal }) {
      signal.throwIfAborted()
      await touch(parts, touches)
    },

    async renew(renewal, { signal, commitId: commit }) {
      signal.throwIfAborted()
      const tombstone = ends.tombstoneOf(renewal.key)
      if (tombstone !== undefined) return ended(renewal.key, tombstone)
      const { countedBy } = renewal.record
      if (countedBy !== undefined) await census.add(renewal.record, countedBy)
      return renew(lasting, renewal, commit, signal)
    },

    async end(key, tombstone, { signal }) {
      signal.throwIfAborted()
      return end(lasting, key, tombstone)
    },

    countLive: (beginning, after, { signal }) => census.count(beginning, after, signal),

    listSubject: (subject, page, { signal }) => index.list(subject, page, signal),

    async trim(trims, { signal }) {
      signal.throwIfAborted()
      await trim(parts, trims)
    },

    async generation({ signal }) {
      signal.throwIfAborted()
      return generationFrom(0, link, keyspace)
    },

    async raiseGeneration(to, { signal }) {
      signal.throwIfAborted()
      return generationFrom(to, lasting.scripts, keyspace)
    },

    feeds: 'all',
    subscribe: (listener) => hearing.subscribe(listener),
    isFeedHealthy: () => hearing.isHealthy,

    async ping({ signal }) {
      signal.throwIfAborted()
      await untilReady(client, signal)
      fitness.noteSkew(await clock.measure())
      checked ??= fitness.check().catch((error: unknown) => {
        checked = undefined
        throw error
      })
      await checked
    },

    reset: () => deployment.destroy(),

    async close() {
      reconnection.stop()
      stopReviving()
      replay.stop()
      hearing.close()
      durable?.close()
    },
  }
}

function commitId(): string {
  return randomBytes(8).toString('base64url')
}
