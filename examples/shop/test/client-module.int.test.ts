import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'

import { createSessions, memoryStore } from '@holdfast/express'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createApp } from '../src/app.ts'

const sessions = createSessions({ store: memoryStore() })
let server: Server
let url: string

beforeAll(async () => {
  const activity = { latest: () => [], close: () => {} }
  server = createApp({ sessions, activity, storeLabel: 'memory' }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await sessions.close()
})

/** Loads a module and all that it imports, as a browser does. */
async function load(path: string, loaded: Map<string, string>): Promise<Map<string, string>> {
  const answer = await fetch(url + path)
  expect([path, answer.status]).toEqual([path, 200])
  expect(answer.headers.get('content-type')).toMatch(/^(text|application)\/javascript/)
  const text = await answer.text()
  loaded.set(path, text)
  for (const [, specifier = ''] of text.matchAll(/^\s*(?:im|ex)port .*?from '([^']+)'/gm)) {
    const { pathname } = new URL(specifier, url + path)
    if (!loaded.has(pathname)) await load(pathname, loaded)
  }
  return loaded
}

it('reaches the page as JavaScript, with everything that it imports', async () => {
  const modules = await load('/shop.js', new Map())
  expect([...modules.keys()].slice(0, 2)).toEqual(['/shop.js', '/client/index.js'])
  expect([...modules.values()].join('\n')).toContain('function watchSession(')
  for (const text of modules.values()) expect(stripTypeScriptTypes(text)).toBe(text)
})

it.each(['watch-session.test.ts', 'nothing.js', '..%2Fpackage.json', '%2e%2e%2fpackage.json'])(
  'serves nothing else: %s',
  async (file) => {
    expect((await fetch(`${url}/client/${file}`)).status).toBe(404)
  },
)
