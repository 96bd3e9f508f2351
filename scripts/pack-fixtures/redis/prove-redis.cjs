const assert = require('node:assert/strict')

const SETTINGS = { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 }
/** Nothing listens there. */
const NOWHERE = { host: '127.0.0.1', port: 1 }

/** Tries every client that is supported, without a server: they are taken, and what is missing is told in time. */
exports.prove = async ({ createSessions, isHoldfastError }, { redisStore }, versions) => {
  const clients = versions.flatMap(({ Cluster, Redis }) => [
    new Redis({ ...NOWHERE, ...SETTINGS }),
    new Cluster([NOWHERE], { lazyConnect: true, enableOfflineQueue: false, redisOptions: SETTINGS }),
  ])
  assert.equal(clients.length, 4)
  for (const client of clients) {
    client.on('error', () => {})
    const sessions = createSessions({ store: redisStore({ client, prefix: 'app' }) })
    await assert.rejects(sessions.ready(), (error) => isHoldfastError(error) && error.status === 503)
    await sessions.close()
    client.disconnect()
  }

  assert.throws(() => redisStore({ client: {} }), /`client`: is not a client .* Supported are .* ioredis 5 and 6/)
  assert.throws(() => redisStore({ client: clients[0], prefix: 'a*' }), /`prefix`/)
}
