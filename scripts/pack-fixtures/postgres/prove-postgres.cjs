const assert = require('node:assert/strict')

/** Nothing listens there. */
const NOWHERE = 'postgres://app@127.0.0.1:1/app'

/** Keeps a session in a PGlite, and tries a Pool without a server: it is taken, and what is missing is told. */
exports.prove = async ({ createSessions, isHoldfastError }, { migrationSql, postgresStore }, { PGlite }, { Pool }) => {
  await roundTrip(createSessions, postgresStore, await PGlite.create())

  const pool = new Pool({ connectionString: NOWHERE, connectionTimeoutMillis: 1000 })
  const sessions = createSessions({ store: postgresStore({ pool }) })
  await assert.rejects(sessions.ready(), (error) => isHoldfastError(error) && error.status === 503)
  await sessions.close()
  await pool.end()

  assert.throws(() => postgresStore({ pool: {} }), /`pool`: has no `query\(text, values\)`\. Hand in a `pg` Pool/)
  assert.throws(() => postgresStore({ pool, schema: 'a"b' }), /`schema`/)
  assert.match(migrationSql(), /CREATE TABLE IF NOT EXISTS/)
}

async function roundTrip(createSessions, postgresStore, pool) {
  const store = postgresStore({ pool })
  await store.migrate()
  const sessions = createSessions({ store, storeDeadline: '10s', commitDeadline: '30s' })
  let cookie
  const open = () =>
    sessions.open({
      secure: false,
      header: (name) => (name === 'cookie' ? cookie : undefined),
      appendHeader: (name, value) => {
        if (name.toLowerCase() === 'set-cookie') cookie = value.split(';')[0]
      },
    })

  const first = await open()
  first.login('user-42')
  first.set('cart', ['apple'])
  await first.commit()
  assert.match(cookie, /^id=[\w-]{32}$/)

  const second = await open()
  assert.deepEqual([second.subject, second.get('cart')], ['user-42', ['apple']])
  const thief = cookie
  second.logout()
  await second.commit()
  cookie = thief
  assert.equal((await open()).isNew, true)

  await sessions.close()
  await pool.close()
}
