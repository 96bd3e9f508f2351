import type { ChangeFeed, Clocked, Closable, Pingable, Resettable, SessionStore, SubjectIndex } from '@holdfast/core'
import { randomBytes } from 'node:crypto'
import { ended } from './answers.ts'
import { deploymentOf } from './client/deployment.ts'
import { Link } from './client/link.ts'
import { KeptEnds } from './ends/kept-ends.ts'
import { ChangeHearing } from './feed/change-hearing.ts'
import { Publisher } from './feed/publisher.ts'
import { Keyspace } from './keyspace.ts'
import { resolveRedisStoreOptions, type RedisStoreOptions } from './redis-store-options.ts'
import { RedisClock } from './server/redis-clock.ts'
import { SubjectSessions } from './subject-index/subject-index.ts'
import { end } from './verbs/end-session.ts'
import type { Parts } from './verbs/parts.ts'
import { RecordReader } from './verbs/record-reader.ts'
import { renewAtOnce, renewInSteps } from './verbs/renew-session.ts'
import { create, touch, update } from './verbs/write-record.ts'

/** A store in Redis, with every optional power but sweeping: Redis does that itself. */
export type RedisStore = SessionStore & SubjectIndex & ChangeFeed & Pingable & Closable & Clocked & Resettable

export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix } = resolveRedisStoreOptions(options)
  const keyspace = new Keyspace(prefix)
  const deployment = deploymentOf(client)
  const { isCluster } = deployment
  const link = new Link(client, deployment)
  const publisher = new Publisher(link, keyspace.channel, isCluster)
  const ends = new KeptEnds()
  const reader = new RecordReader(link, keyspace)
  const clock = new RedisClock(async () => {
    const [seconds, micros] = (await client.callBuffer('TIME')) as [Buffer, Buffer]
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  })
  const index = new SubjectSessions(link, keyspace, {
    standings: (keys) => reader.readEach(keys),
    now: () => clock.now(),
    repairTombstone: () => ({ reason: 'repair', at: clock.now(), id: undefined, commitId: commitId() }),
  })
  const hearing = new ChangeHearing(deployment, keyspace.channel, publisher, (change) => {
    if (change.type === 'ended') {
      const { key, reason, id } = change
      ends.noteEnd(key, { reason: reason as 'logout', at: clock.now(), id, commitId: commitId() })
    }
  })
  const parts: Parts = { isCluster, keyspace, link, publisher, index, ends, reader }
  const renew = isCluster ? renewInSteps : renewAtOnce

  return {
    name: 'redis',
    capabilities: Object.freeze({ isShared: true, isDurable: true }),
    clock,

    async load(key, { signal }) {
      signal.throwIfAborted()
      const tombstone = ends.tombstoneOf(key)
      if (tombstone !== undefined) return ended(key, tombstone)
      const standing = await reader.read(key)
      if (standing.kind === 'remains') return standing.answer
      return { outcome: 'found', key, record: standing.record, idleUntil: standing.idleUntil }
    },

    async create(record, { signal, commitId: commit }) {
      signal.throwIfAborted()
      const tombstone = ends.tombstoneOf(record.key)
      return tombstone === undefined ? create(parts, record, commit) : ended(record.key, tombstone)
    },

    async update(record, expected, { signal, commitId: commit }) {
      signal.throwIfAborted()
      const tombstone = ends.tombstoneOf(record.key)
      return tombstone === undefined ? update(parts, record, expected, commit) : ended(record.key, tombstone)
    },

    async touch(touches, { signal }) {
      signal.throwIfAborted()
      await touch(parts, touches)
    },

    async renew(renewal, { signal, commitId: commit }) {
      signal.throwIfAborted()
      const tombstone = ends.tombstoneOf(renewal.key)
      return tombstone === undefined ? renew(parts, renewal, commit, signal) : ended(renewal.key, tombstone)
    },

    async end(key, tombstone, { signal }) {
      signal.throwIfAborted()
      return end(parts, key, tombstone)
    },

    listSubject: (subject, page, { signal }) => index.list(subject, page, signal),

    feeds: 'all',
    subscribe: (listener) => hearing.subscribe(listener),
    isFeedHealthy: () => hearing.isHealthy,

    async ping({ signal }) {
      signal.throwIfAborted()
      await clock.measure()
    },

    reset: () => deployment.destroy(),
    close: async () => hearing.close(),
  }
}

function commitId(): string {
  return randomBytes(8).toString('base64url')
}
