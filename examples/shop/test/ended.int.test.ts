import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createSessions, memoryStore } from '@holdfast/express'
import { manualClock } from '@holdfast/testkit'
import { type Browser, createBrowser } from 'example-harness'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { createApp } from '../src/app.ts'

const MINUTE = 60_000
const PAGE = { accept: 'text/html' }

const clock = manualClock()
// Without jitter, which would end the session at a moment that only its id tells.
const sessions = createSessions({ store: memoryStore({ clock }), clock, jitter: 0 })
let server: Server
let browser: Browser

beforeEach(async () => {
  const activity = { latest: () => [], close: () => {} }
  server = createApp({ sessions, activity, storeLabel: 'memory' }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  browser = createBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await browser.request('/login', { method: 'POST', body: new URLSearchParams({ user: 'ada' }) })
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

const page = async (): Promise<string> => (await browser.request('/', { headers: PAGE })).text()

it('says that nobody was there', async () => {
  clock.advance(30 * MINUTE)
  expect(await page()).toMatch(/Signed out because nobody used the shop for a while\.\s*<small><time/)
  expect(await (await browser.request('/api/session')).json()).toMatchObject({ user: null, endedBecause: 'idle' })
})

it('says that the session was as long as it may be', async () => {
  for (let times = 0; times < 8 * 4; times++) {
    expect(await page()).not.toContain('Signed out')
    clock.advance(15 * MINUTE)
  }
  expect(await page()).toContain('Signed out because the session had lasted as long as it may.')
})

it('says that it does not know any more', async () => {
  clock.advance(24 * 60 * MINUTE)
  expect(await page()).toContain('Signed out because the shop does not know the session any more.')
})

it('says nothing of the kind after a sign-out, or once somebody has signed in again', async () => {
  clock.advance(30 * MINUTE)
  await browser.request('/login', { method: 'POST', body: new URLSearchParams({ user: 'finn' }) })
  expect(await page()).not.toContain('Signed out')
  await browser.request('/logout', { method: 'POST' })
  expect(await page()).not.toContain('Signed out because')
})

it('asks the page to warn before the end, and asking extends nothing', async () => {
  expect(await page()).toContain('<div id="expiry" class="expiry" hidden>')
  clock.advance(29 * MINUTE)
  expect(await (await browser.request('/session')).json()).toMatchObject({ isSignedIn: true })
  clock.advance(MINUTE)
  expect(await (await browser.request('/session')).json()).toMatchObject({
    isSignedIn: false,
    endedBecause: { reason: 'idle' },
  })
})
