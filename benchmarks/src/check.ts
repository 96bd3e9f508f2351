import assert from 'node:assert/strict'

import type { Contender } from './contenders.ts'
import { Client } from './load/client.ts'
import { loginOf } from './scenarios.ts'

/** Checks that a contender does what it is timed for: it knows its users apart, keeps changes, and lets them go. */
export async function checkContender({ name, role }: Contender, port: number): Promise<void> {
  const clients = [await Client.connect(port), await Client.connect(port)]
  try {
    for (const client of clients) assert.equal((await client.send('GET', '/none')).user, null)
    if (role !== 'bare') await checkSessions(clients)
  } catch (cause) {
    throw new Error(`${name} does not do what it is to be timed for.`, { cause })
  } finally {
    for (const client of clients) client.close()
  }
}

async function checkSessions(clients: readonly Client[]): Promise<void> {
  const signedIn = []
  for (const client of clients) {
    assert.equal((await client.send('GET', '/read')).user, null)
    const { method, path, user } = loginOf('350')
    await client.send(method, path)
    signedIn.push({ client, user })
  }
  for (const { client, user } of signedIn) {
    assert.deepEqual(await client.send('GET', '/read'), { user, visits: 0 })
    assert.deepEqual(await client.send('POST', '/write'), { user, visits: 1 })
    assert.deepEqual(await client.send('GET', '/read'), { user, visits: 1 })
    assert.equal((await client.send('GET', '/none')).user, null)
  }
  const [first, second] = signedIn
  await first?.client.send('POST', '/logout')
  assert.equal((await first?.client.send('GET', '/read'))?.user, null)
  assert.equal((await second?.client.send('GET', '/read'))?.user, second?.user)
}
