import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

/** Someone with all rights, who looks at a database, breaks it and mends it. */
export interface Admin {
  /** Asks over a connection of its own. */
  ask(statement: string): Promise<Record<string, unknown>[]>
  /** Resolves when the server lets someone in and answers; `isReady` is a condition in SQL. @default 'true' */
  untilBack(isReady?: string): Promise<void>
  /** Runs a statement in a transaction that stays open until {@link Admin.letGo}. */
  hold(statement: string): Promise<void>
  /** Takes that many connections and ends those of the application, until {@link Admin.letGo}. */
  crowdOut(count: number): Promise<void>
  letGo(): Promise<void>
}

/** Who the application is to the server. */
export const APP = 'app'

/** The backends that work for the application. */
export const BACKENDS: string = `pg_stat_activity WHERE usename = '${APP}'`

/** @param url of the application's database, for a superuser */
export function postgresAdmin(url: string): Admin {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    return client
  }

  const ask: Admin['ask'] = async (statement) => {
    const client = await connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }

  let held: pg.Client[] = []

  return {
    ask,
    untilBack: async (isReady = 'true') => {
      const isBack = (): Promise<boolean> =>
        ask(`SELECT ${isReady} AS is_ready`).then(
          ([row]) => row!['is_ready'] === true,
          () => false,
        )
      while (!(await isBack())) await sleep(10)
    },
    hold: async (statement) => {
      const client = await connect()
      held.push(client)
      await client.query(`BEGIN; ${statement}`)
    },
    crowdOut: async (count) => {
      held.push(...(await Promise.all(Array.from({ length: count }, connect))))
      await ask(`SELECT pg_terminate_backend(pid) FROM ${BACKENDS}`)
    },
    letGo: async () => {
      const clients = held
      held = []
      await Promise.all(clients.map((client) => client.end()))
    },
  }
}
