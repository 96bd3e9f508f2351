import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createSessions, type EndReason, memoryStore, type OfferedRecord } from '@holdfast/express'
import { type Browser, createBrowser } from 'example-harness'
import { afterEach, expect, it } from 'vitest'

import { createApp } from '../src/app.ts'

const { signal } = new AbortController()
let server: Server | undefined

afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

interface Shop {
  readonly store: ReturnType<typeof memoryStore>
  /** A browser that has just signed in, and where the record of its session lies. */
  readonly browser: Browser
  readonly key: string
}

async function open(maxRecords = 1000): Promise<Shop> {
  const store = memoryStore({ maxRecords })
  const activity = { latest: () => [], close: () => {} }
  const sessions = createSessions({ store })
  server = createApp({ sessions, activity, storeLabel: 'memory' }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = createBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await browser.request('/login', { method: 'POST', body: new URLSearchParams({ user: 'ada' }) })
  const [token = ''] = browser.cookies.values()
  return { store, browser, key: createHash('sha256').update(token).digest().toString('base64url', 0, 16) }
}

const page = async ({ browser }: Shop): Promise<string> =>
  (await browser.request('/', { headers: { accept: 'text/html' } })).text()

it.each<[EndReason, string]>([
  ['logout', 'you signed out in this browser'],
  ['elsewhere', 'the session was ended from another device'],
  ['limit', 'you signed in on too many devices'],
  ['reuse', 'an old copy of your session turned up; if that was not you, somebody has taken it'],
])('says in words, with the time, that a session ended by %s', async (reason, words) => {
  const shop = await open()
  const at = Date.UTC(2030, 0, 1, 12, 34, 56)
  const commitId = 'c'.repeat(11)
  await shop.store.end(shop.key, { reason, at, id: undefined, commitId }, { signal, commitId })
  const text = await page(shop)
  expect(text).toContain(`Signed out because ${words}.`)
  expect(text).toContain('12:34:56 UTC')
})

it('says in words that a session was evicted', async () => {
  const shop = await open(3)
  for (let count = 0; count < 3; count++) {
    const other = createBrowser(`http://127.0.0.1:${(server!.address() as AddressInfo).port}`)
    await other.request('/login', { method: 'POST', body: new URLSearchParams({ user: 'finn' }) })
  }
  expect(await page(shop)).toContain('Signed out because the shop ran out of room for sessions.')
})

it('says in words that a session cannot be read', async () => {
  const shop = await open()
  const found = await shop.store.load(shop.key, { signal })
  if (found.outcome !== 'found') throw new Error('There is no record.')
  const commitId = 'b'.repeat(11)
  const { record, idleUntil } = found
  const broken: OfferedRecord = {
    ...record,
    idleUntil,
    revision: record.revision + 1,
    commits: [commitId],
    body: new Uint8Array([1]),
  }
  await shop.store.update(broken, record.revision, { signal, commitId })
  expect(await page(shop)).toContain('Signed out because what the shop had kept cannot be read any more.')
})
