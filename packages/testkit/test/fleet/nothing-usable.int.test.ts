import { randomBytes } from 'node:crypto'

import { createSessions } from '@holdfast/core'
import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, it } from 'vitest'

import { Browser, connections, monitorRedis, postgresUrl, rounds, startRedis } from '../../src/index.ts'
import { serveExpress } from '../frameworks/serve-express.ts'
import type { Data } from '../frameworks/site.ts'
import { emptyDatabase } from './empty-database.ts'
import { FLEET_ROUTES, type Shown } from './routes.ts'
import { type SharedStore, openStore } from './shared-store.ts'

const LOGINS = 1000

/** Text that has the form of a token: what an intruder would try first. */
const TOKENLIKE = /[\w-]{32}/g

interface Loot {
  /** Every token that a browser was ever given. */
  readonly tokens: readonly string[]
  /** Everything that lies in the store, and everything that was sent to it. */
  readonly dump: Buffer
}

/** Lets users sign in, renew and leave; looks at all that is kept; then tries what was found as cookies. */
async function loot(
  choice: SharedStore,
  takeDump: () => Promise<Buffer>,
): Promise<Loot & { opens: readonly string[] }> {
  const opened = await openStore(choice)
  const sessions = createSessions<Data>({ store: opened.store })
  const site = await serveExpress(FLEET_ROUTES, sessions)
  const shared = connections()
  try {
    const tokens: string[] = []
    await rounds(LOGINS, async (round) => {
      const user = new Browser(site.url, shared)
      await user.post(`/login?user=u${round}`)
      if (round % 3 === 0) await user.post('/renew')
      if (round % 5 === 0) await user.post('/logout')
      for (const cookie of user.setCookies) tokens.push(/^[^=]+=([^;]*)/.exec(cookie)![1]!)
    })
    const dump = await takeDump()
    const opens: string[] = []
    const tried = new Set(dump.toString('latin1').match(TOKENLIKE)?.slice(0, 2000))
    await rounds(tried.size, async (round) => {
      const cookie = `id=${[...tried][round]!}`
      const page = await new Browser(site.url, shared).send({ path: '/state', cookie })
      if (!page.json<Shown>().isNew) opens.push(cookie)
    })
    return { tokens: tokens.filter((token) => token !== ''), dump, opens }
  } finally {
    shared.close()
    await site.close()
    await sessions.close()
    await opened.close()
  }
}

/** Says which tokens stand in a dump, as text, as the bytes that they encode, or in hex. */
function foundIn(dump: Buffer, tokens: readonly string[]): string[] {
  const text = dump.toString('latin1')
  return tokens.filter((token) => {
    const bytes = Buffer.from(token, 'base64url')
    return [token, bytes.toString('latin1'), bytes.toString('hex')].some((form) => text.includes(form))
  })
}

describe(`after ${LOGINS} logins, nothing that is kept or told works as a cookie`, () => {
  it('in Redis: keys, values, and all that was sent, messages included', async () => {
    const server = await startRedis()
    const { url } = server
    const prefix = `dump-${randomBytes(4).toString('hex')}`
    const client = new Redis(url)
    const monitor = await monitorRedis(url)
    const { tokens, dump, opens } = await loot({ type: 'redis', url, prefix }, async () => {
      await monitor.settle()
      const sent = monitor.commands.flatMap(({ command }) => command).join('\n')
      const keys = await client.keys(`${prefix}*`)
      const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
      expect(keys.length).toBeGreaterThan(LOGINS)
      return Buffer.concat([Buffer.from(`${sent}\n${keys.join('\n')}\n`, 'latin1'), ...values.map((value) => value!)])
    })
    monitor.stop()
    client.disconnect()
    await server.stop()
    expect(tokens.length).toBeGreaterThan(LOGINS)
    expect(foundIn(dump, tokens)).toEqual([])
    expect(opens).toEqual([])
    // The look itself can find something.
    expect(foundIn(Buffer.concat([dump, Buffer.from(tokens[7]!, 'base64url')]), tokens)).toEqual([tokens[7]])
  })

  it('in Postgres: every column of every table, and every notification', async () => {
    const url = await emptyDatabase(await postgresUrl())
    const client = new pg.Client(url)
    await client.connect()
    const told: string[] = []
    client.on('notification', ({ payload = '' }) => told.push(payload))
    const { tokens, dump, opens } = await loot({ type: 'postgres', url, feed: 'listen' }, async () => {
      const tables = await client.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      )
      const rows: string[] = []
      for (const { name } of tables.rows) {
        const { rows: found } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)
        rows.push(...found.map(({ row }) => row))
      }
      expect(rows.length).toBeGreaterThan(LOGINS)
      return Buffer.from([...rows, ...told].join('\n'))
    })
    await client.end()
    expect(tokens.length).toBeGreaterThan(LOGINS)
    expect(foundIn(dump, tokens)).toEqual([])
    expect(opens).toEqual([])
  })
})
