import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { describeAgent } from '@holdfast/core/agent'
import { createSessions, type Sessions, type SessionsOptions } from '@holdfast/express'
import {
  type BrowserContext,
  type BrowserPage,
  certificate,
  type Certificate,
  type Chromium,
  startChromium,
} from '@holdfast/testkit'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

import { createApp } from '../../src/app.ts'
import { openStore, type ShopStore } from '../../src/store.ts'

/** How long an action may take, in milliseconds: only a watchdog. */
const PATIENCE = 20_000

/** What is shown here must hold on a machine of any speed; deadlines are proved elsewhere. */
const ENGINE = { jitter: 0, devices: { describeAgent }, storeDeadline: '10s', commitDeadline: '30s' } as const

/** A request as it reached a server. */
interface SeenRequest {
  readonly method: string
  readonly path: string
  /** The Cookie header. */
  readonly cookie: string | undefined
}

/** A server on https, which notes what it is asked. */
export interface Site {
  readonly port: number
  /** `https://localhost:…`; the same server is another site as `https://127.0.0.1:…`. */
  readonly origin: string
  /** The latest request for that. */
  last(method: string, path: string): SeenRequest | undefined
  readonly requests: readonly SeenRequest[]
}

let trusted: Certificate
let chromium: Chromium

/** One Chromium for all tests of a file, which trusts the certificate of their sites. */
export function useChromium(): void {
  beforeAll(async () => {
    trusted = await certificate()
    chromium = await startChromium({ certificate: trusted })
  })
  afterAll(() => chromium?.stop())
}

/** Opens the browser of somebody who was never here, until the test ends. */
export async function newVisitor(options?: Parameters<Chromium['browser']['newContext']>[0]): Promise<BrowserContext> {
  const context = await chromium.browser.newContext(options)
  context.setDefaultTimeout(PATIENCE)
  onTestFinished(() => context.close())
  return context
}

/** Opens a shop until the test ends, over memory unless a store is given. */
export async function openShop(kept?: ShopStore, options: Partial<SessionsOptions> = {}): Promise<Site> {
  const { label, store } = kept ?? (await openStore({}))
  const sessions: Sessions = createSessions({ ...ENGINE, store, ...options })
  onTestFinished(() => sessions.close())
  const activity = { latest: () => [], close: () => {} }
  return openSite(createApp({ sessions, activity, storeLabel: label }))
}

/** Opens any server until the test ends. */
export async function openSite(answer: RequestListener): Promise<Site> {
  const requests: SeenRequest[] = []
  const note = ({ method = '', url = '', headers }: IncomingMessage): void => {
    requests.push({ method, path: url, cookie: headers.cookie })
  }
  const server = createServer(trusted).on('request', note).on('request', answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const last: Site['last'] = (method, path) =>
    requests.findLast((request) => request.method === method && request.path === path)
  return { port, origin: `https://localhost:${port}`, requests, last }
}

/** Signs in as a visitor does. */
export async function signIn(page: BrowserPage, { origin }: Site, user: string): Promise<void> {
  await page.goto(origin)
  await page.getByRole('button', { name: user }).click()
  await page.locator('#sign-out').waitFor()
}
