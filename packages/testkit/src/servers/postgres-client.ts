import { Client } from 'pg'

/** Runs one statement on a connection of its own. */
export async function ask(url: string, statement: string): Promise<true> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(statement)
    return true
  } finally {
    await client.end().catch(() => {})
  }
}

/** Makes a database on the server of an address, and answers its own address. */
export async function createDatabase(url: string, name: string): Promise<string> {
  await ask(url, `create database "${name.replaceAll('"', '""')}"`)
  const address = new URL(url)
  address.pathname = `/${encodeURIComponent(name)}`
  return address.href
}
