import { randomBytes } from 'node:crypto'

import { postgresUrl, startRedis } from '@holdfast/testkit'
import { Client } from 'pg'

import { openStore, type ShopStore } from '../../src/store.ts'

/** Where the shop can keep sessions, each with nothing in it: other tests of the shop have the same users. */
export const CHOICES: readonly { readonly label: string; open(): Promise<ShopStore> }[] = [
  { label: 'memory', open: () => openStore({}) },
  {
    label: 'Redis',
    open: async () => {
      const server = await startRedis()
      const opened = await openStore({ STORE: 'redis', REDIS_URL: server.url })
      const close = async (): Promise<void> => {
        await opened.close()
        await server.stop()
      }
      return { ...opened, close }
    },
  },
  {
    label: 'Postgres',
    open: async () => openStore({ STORE: 'postgres', POSTGRES_URL: await emptyDatabase(await postgresUrl()) }),
  },
]

async function emptyDatabase(url: string): Promise<string> {
  const name = `shop_${randomBytes(4).toString('hex')}`
  const client = new Client(url)
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const database = new URL(url)
  database.pathname = `/${name}`
  return database.href
}
