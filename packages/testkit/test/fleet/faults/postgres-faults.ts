/** What can befall a Postgres, and those who use it. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { PostgresServer } from '../../../src/index.ts'
import type { Fleet } from '../fleet.ts'
import type { Ordeal } from './endured.ts'
import { type Admin, BACKENDS } from './postgres-admin.ts'

/** A server, someone with all rights on the database of the fleet, and the fleet. */
export interface Target {
  readonly server: PostgresServer
  readonly admin: Admin
  readonly fleet: Fleet
}

export interface PostgresFault extends Omit<Ordeal, 'strike' | 'heal'> {
  strike(target: Target): Promise<unknown>
  heal(target: Target): Promise<unknown>
}

/** How many connections there are for those who are not superusers. */
const SLOTS = 40

/** What a fault needs of a server. What a process acknowledged survives its kill without `fsync`. */
export const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  autovacuum: 'off',
  statement_timeout: '5s',
  max_connections: `${SLOTS + 20}`,
  superuser_reserved_connections: '20',
}

const TABLE = 'public.holdfast_sessions'

/** The least to which the size of files can be limited. */
const FULL = 16 << 20

const healed = async (): Promise<void> => {}

/** The server is away for a while. */
export const ABSENCES: readonly PostgresFault[] = [
  {
    name: 'SIGSTOP for 4 s',
    lasts: 4_000,
    strike: async ({ server }) => server.pause(),
    heal: async ({ server }) => server.resume(),
  },
  {
    name: 'a backend killed by SIGKILL, upon which the server recovers as from a crash',
    lasts: 20,
    strike: async ({ admin }) => {
      const [backend] = await admin.ask(`SELECT pid FROM ${BACKENDS}`)
      process.kill(Number(backend!['pid']), 'SIGKILL')
    },
    heal: ({ admin }) => admin.untilBack(),
    isFelt: false,
  },
  {
    name: 'killed by SIGKILL and started again',
    lasts: 1_000,
    strike: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  },
  {
    name: 'killed, started as a replica that can only be read, and promoted',
    lasts: 1_000,
    strike: async ({ server }) => {
      await server.kill()
      writeFileSync(path.join(server.dataDir, 'standby.signal'), '')
      await server.restart()
    },
    heal: async ({ admin }) => {
      await admin.ask('SELECT pg_promote()')
      await admin.untilBack('NOT pg_is_in_recovery()')
    },
  },
]

/** The server is there and refuses. */
export const REFUSALS: readonly PostgresFault[] = [
  {
    name: '`pg_terminate_backend` of all connections, ten times in 1.5 s',
    lasts: 0,
    strike: async ({ admin }) => {
      for (let times = 0; times < 10; times++) {
        await admin.ask(`SELECT pg_terminate_backend(pid) FROM ${BACKENDS}`)
        await sleep(150)
      }
    },
    heal: healed,
    isFelt: false,
  },
  {
    name: 'too many connections of others',
    lasts: 1_500,
    strike: ({ admin }) => admin.crowdOut(SLOTS),
    heal: ({ admin }) => admin.letGo(),
  },
  {
    name: '`LOCK TABLE` for 3 s',
    lasts: 3_000,
    strike: ({ admin }) => admin.hold(`LOCK TABLE ${TABLE} IN ACCESS EXCLUSIVE MODE`),
    heal: ({ admin }) => admin.letGo(),
  },
  {
    name: 'read-only: `default_transaction_read_only`',
    lasts: 1_500,
    strike: async ({ admin }) => {
      await admin.ask('ALTER SYSTEM SET default_transaction_read_only = on')
      await admin.ask('SELECT pg_reload_conf()')
    },
    heal: async ({ admin }) => {
      await admin.ask('ALTER SYSTEM RESET default_transaction_read_only')
      await admin.ask('SELECT pg_reload_conf()')
      await admin.untilBack(`current_setting('default_transaction_read_only') = 'off'`)
    },
  },
  {
    name: 'pools exhausted by slow queries of the application for 2 s',
    lasts: 0,
    strike: ({ fleet }) => fleet.exhaustPools(2_000),
    heal: healed,
  },
  {
    name: 'disk full',
    lasts: 2_000,
    strike: async ({ server, admin }) => {
      await fill(admin)
      server.limitFileSize(FULL)
      await takeWhatIsLeft(admin)
    },
    heal: async ({ server }) => server.limitFileSize(),
  },
]

/** Lays records of nobody, on pages to their brim, until the table has all but the size to which files will be limited. */
async function fill(admin: Admin): Promise<void> {
  await admin.ask(`ALTER TABLE ${TABLE} SET (fillfactor = 100)`)
  let pages = FULL >> 13
  while (pages > 2) {
    await lay(admin, pages * 2, 1850)
    const [row] = await admin.ask(`SELECT pg_relation_size('${TABLE}') AS size`)
    pages = (FULL - Number(row!['size'])) >> 13
  }
  await admin.ask(`ALTER TABLE ${TABLE} RESET (fillfactor)`)
}

/** Lays small records until there is no room for another; what a failed statement laid goes on taking room. */
async function takeWhatIsLeft(admin: Admin): Promise<void> {
  let isFull = false
  while (!isFull) {
    isFull = await lay(admin, 100, 100).then(
      () => false,
      () => true,
    )
  }
}

async function lay(admin: Admin, count: number, bytes: number): Promise<void> {
  await admin.ask(`INSERT INTO ${TABLE} (key, kind, format, revision, commits, created_at, absolute_at, over_at, body)
    SELECT decode(md5(random()::text), 'hex'), 0, 1, 1, '', 0, 9e15, 9e15, decode(repeat('00', ${bytes}), 'hex')
    FROM generate_series(1, ${count})`)
}
