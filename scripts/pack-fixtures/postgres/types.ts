// PGlite's declarations need these, and do not say so.
/// <reference types="emscripten" />
import { PGlite } from '@electric-sql/pglite'
import { createSessions, type SessionStore } from '@holdfast/core'
import { postgresStore, type PostgresStore } from '@holdfast/postgres'
import { Client, Pool } from 'pg'

const pool = new Pool()

export const stores: PostgresStore[] = [
  postgresStore({ pool }),
  postgresStore({ pool, schema: 'app', table: 'logins', migrate: false, prepare: false, sweepInterval: '10m' }),
  postgresStore({ pool, feed: 'listen', listen: () => new Client() }),
  postgresStore({ pool: new PGlite() }),
  postgresStore({ pool: { query: (text: string, values?: unknown[]) => pool.query(text, values) } }),
]

const store: SessionStore = postgresStore({ pool })
createSessions({ store })

// @ts-expect-error -- the option is misspelt
postgresStore({ pool, shema: 'app' })

// @ts-expect-error -- an address is no client
postgresStore({ pool: 'postgres://127.0.0.1/app' })

// @ts-expect-error -- a feed has another name
postgresStore({ pool, feed: 'notify' })
