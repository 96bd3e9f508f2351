import type { PostgresClient, PostgresStore } from '../../src/index.ts'

/** A clock of the database that a test moves. */
export interface MovableClock {
  /** Lets that much time pass, and the store see it. */
  advance(ms: number, store: PostgresStore): Promise<void>
  /** Goes back to the time of the day. */
  reset(): Promise<void>
}

/**
 * Puts a clock that a test can move in place of the one that `migrate()` installed. It reads the database's clock, as
 * that one does, and adds what a table says.
 */
export async function movableClock(admin: PostgresClient, table: string, schema = 'public'): Promise<MovableClock> {
  const [now, moved] = [`"${schema}"."${table}_now"`, `"${schema}"."${table}_moved"`]
  await admin.query(`CREATE TABLE ${moved} (ms bigint NOT NULL)`)
  await admin.query(`INSERT INTO ${moved} VALUES (0)`)
  await admin.query(`GRANT SELECT ON ${moved} TO PUBLIC`)
  await admin.query(`CREATE OR REPLACE FUNCTION ${now}() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + (SELECT ms FROM ${moved})
  $body$`)
  let isMoved = false
  return {
    async advance(ms, store) {
      isMoved = true
      await admin.query(`UPDATE ${moved} SET ms = ms + $1`, [Math.ceil(ms)])
      await store.load('A'.repeat(22), { signal: new AbortController().signal })
    },
    async reset() {
      if (isMoved) await admin.query(`UPDATE ${moved} SET ms = 0`)
      isMoved = false
    },
  }
}

/** A clock of the database that stands still unless a test moves it. */
export interface StoppedClock {
  now(): number
  advance(ms: number): Promise<void>
}

/** Puts a clock that stands still in place of the one that `migrate()` installed. */
export async function stoppedClock(admin: PostgresClient, table: string, schema: string): Promise<StoppedClock> {
  const stopped = `"${schema}"."${table}_stopped"`
  let now = Date.now()
  await admin.query(`CREATE TABLE ${stopped} AS SELECT ${now}::bigint AS ms`)
  await admin.query(`GRANT SELECT ON ${stopped} TO PUBLIC`)
  await admin.query(`CREATE OR REPLACE FUNCTION "${schema}"."${table}_now"() RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT ms FROM ${stopped}'`)
  return {
    now: () => now,
    async advance(ms) {
      now += ms
      await admin.query(`UPDATE ${stopped} SET ms = $1`, [now])
    },
  }
}
