import { randomBytes } from 'node:crypto'

import pg from 'pg'

/** Makes an empty database on a server, and answers its address. */
export async function emptyDatabase(url: string): Promise<string> {
  const name = `fleet_${randomBytes(4).toString('hex')}`
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  const database = new URL(url)
  database.pathname = `/${name}`
  return database.href
}
