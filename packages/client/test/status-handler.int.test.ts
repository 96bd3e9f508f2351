import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import {
  answerStatus,
  createSessions,
  isStatusPassive,
  memoryStore,
  nodeExchange,
  type SessionStatus as ServerStatus,
} from '@holdfast/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { SessionStatus } from '../src/index.ts'
import { FakeBrowser, type Tab } from '../src/testing/fake-browser.ts'

const WAIT = { timeout: 20_000 }

let cookie = ''
let tab: Tab | undefined

const sessions = createSessions({ store: memoryStore(), idleTimeout: '3s' })

const server = createServer(async (req, res) => {
  const session = await sessions.open(nodeExchange(req, res), { passive: isStatusPassive(req.method) })
  if (req.url === '/login') session.login('ada')
  if (req.url === '/logout') session.logout()
  const { status, headers, body } = await answerStatus(session, req.method)
  await session.commit()
  res.writeHead(status, headers).end(body)
})

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await request('/login', { method: 'POST' })
})

afterEach(() => {
  tab?.watch.stop()
  server.close()
  server.closeAllConnections()
})

async function request(path: string, init: RequestInit): Promise<Response> {
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { cookie } })
  const [line] = answer.headers.getSetCookie()
  if (line !== undefined) cookie = line.split(';', 1)[0] ?? ''
  return answer
}

it('reads what a server answers', async () => {
  tab = new FakeBrowser().openTab({ fetch: request })
  const status = await tab.watch.keepAlive()
  expect(status).toMatchObject({ isSignedIn: true, level: 1, endedBecause: null })
  expect(status?.expiresIn).toBeGreaterThan(1000)
  // What a server may answer is what a page may be told.
  expect((answer: ServerStatus): SessionStatus => answer).toBeTypeOf('function')
})

it('hears of a logout', async () => {
  tab = new FakeBrowser().openTab({ fetch: request })
  await tab.watch.check()
  await request('/logout', { method: 'POST' })
  expect(await tab.watch.check()).toMatchObject({ isSignedIn: false })
  expect(tab.told.at(-1)).toBe('end undefined')
})

it('warns, keeps alive, and tells why it ended', async () => {
  tab = new FakeBrowser().openTab({ fetch: request, warnBefore: 2000 })
  const { told, act } = { told: tab.told, act: tab.act.bind(tab) }
  await vi.waitFor(() => expect(told).toHaveLength(1), WAIT)
  act()
  await vi.waitFor(() => expect(told[1]).toBe('resume'), WAIT)
  await vi.waitFor(() => expect(told.at(-1)).toBe('end idle'), WAIT)
})
