import { fileURLToPath } from 'node:url'

import { type Browser, createBrowser, type Program, startProgram } from 'example-harness'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'

import type { LiveMessage } from '../src/live-session.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const WAIT = { timeout: 20_000 }

/** A client of one connection: what it was told, and how it was closed. */
interface Client {
  readonly told: LiveMessage[]
  closed: string | undefined
}

type Connect = (url: string, headers: Record<string, string>) => Client

const connectEvents: Connect = (url, headers) => {
  const client: Client = { told: [], closed: undefined }
  const listen = async (): Promise<void> => {
    const answer = await fetch(`${url}/events`, { headers })
    let text = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + chunk).split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) client.told.push(JSON.parse(event.replace('data: ', '')) as LiveMessage)
    }
    client.closed = answer.status === 204 ? 'refused' : 'closed'
  }
  void listen()
  return client
}

const connectWebSocket: Connect = (url, headers) => {
  const client: Client = { told: [], closed: undefined }
  const socket = new WebSocket(`${url}/ws`, { headers })
  socket.on('message', (data: Buffer) => client.told.push(JSON.parse(data.toString()) as LiveMessage))
  socket.on('close', (code, reason) => (client.closed ??= `closed ${code} ${reason.toString()}`))
  socket.on('error', () => (client.closed = 'refused'))
  return client
}

const connectSocketIo: Connect = (url, headers) => {
  const client: Client = { told: [], closed: undefined }
  const socket = io(url, { extraHeaders: headers, reconnection: false, forceNew: true })
  socket.on('session', (message: LiveMessage) => client.told.push(message))
  socket.on('disconnect', () => (client.closed = 'closed'))
  socket.on('connect_error', () => (client.closed = 'refused'))
  return client
}

let program: Program

beforeAll(async () => {
  program = await startProgram(MAIN)
})

afterAll(() => program?.stop())

describe.each([
  ['server-sent events', connectEvents],
  ['a WebSocket', connectWebSocket],
  ['Socket.IO', connectSocketIo],
])('%s', (_, open) => {
  let browser: Browser
  const post = (path: string): Promise<Response> => browser.request(path, { method: 'POST' })

  const connect = (headers: Record<string, string> = {}): Client => {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return open(program.url, { cookie, ...headers })
  }
  const connected = async (): Promise<Client> => {
    const client = connect()
    await vi.waitFor(() => expect(client.told).toEqual([{ type: 'welcome', user: 'ada' }]), WAIT)
    return client
  }

  beforeEach(async () => {
    browser = createBrowser(program.url)
    await post('/login')
  })

  it('is told of a logout, and closed', async () => {
    const client = await connected()
    await post('/logout')
    await vi.waitFor(() => expect(client.closed).toMatch(/^closed/), WAIT)
    expect(client.told.slice(1)).toEqual([{ type: 'ended', reason: 'logout', at: expect.any(Number) }])
  })

  it('is told of renewals, and stays', async () => {
    const client = await connected()
    await post('/renew')
    await vi.waitFor(() => expect(client.told.slice(1)).toEqual([{ type: 'renewed' }]), WAIT)
    await post('/renew')
    await vi.waitFor(() => expect(client.told.slice(1)).toEqual([{ type: 'renewed' }, { type: 'renewed' }]), WAIT)
    expect(client.closed).toBeUndefined()
  })

  it('is told when another device ends it, and nobody else is', async () => {
    const client = await connected()
    browser = createBrowser(program.url)
    await post('/login')
    const own = await connected()
    await post('/end-others')
    await vi.waitFor(() => expect(client.closed).toMatch(/^closed/), WAIT)
    expect(client.told[1]).toMatchObject({ type: 'ended', reason: 'elsewhere' })
    expect(own.closed).toBeUndefined()
    expect(own.told.map(({ type }) => type)).not.toContain('ended')
  })

  it('is refused where nobody is signed in', async () => {
    await post('/logout')
    const client = connect()
    await vi.waitFor(() => expect(client.closed).toBe('refused'), WAIT)
    expect(client.told).toEqual([])
  })
})

it.each([
  ['a WebSocket', connectWebSocket],
  ['Socket.IO', connectSocketIo],
])('refuses %s of a page of another origin', async (_, open) => {
  const browser = createBrowser(program.url)
  await browser.request('/login', { method: 'POST' })
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const client = open(program.url, { cookie, origin: 'https://other.example' })
  await vi.waitFor(() => expect(client.closed).toBe('refused'), WAIT)
})
