import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { freePort } from '../servers/free-port.ts'
import { type FaultProxy, faultProxy } from './fault-proxy.ts'
import { LineClient } from './testing/line-client.ts'

/** Answers every line with `<line>`, in capitals. */
let server: Server
let proxy: FaultProxy
let clients: LineClient[]

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.write(bytes.toString().toUpperCase()))
  })
  const port = await freePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  proxy = await faultProxy({ port })
  clients = []
})

afterEach(async () => {
  for (const client of clients) client.close()
  await proxy.stop()
  server.close()
})

async function connect(): Promise<LineClient> {
  const client = await LineClient.connect(proxy.port)
  clients.push(client)
  return client
}

describe('passing', () => {
  it('forwards both ways and counts connections, bytes and round trips', async () => {
    const client = await connect()
    expect(await client.ask('abc')).toBe('ABC')
    proxy.delay(50, { direction: 'down' })
    client.send('d\n')
    expect(await client.isSilentFor(10)).toBe(true)
    client.send('e\n')
    expect([await client.line(), await client.line()]).toEqual(['D', 'E'])
    expect(proxy.bytes).toEqual({ up: 8, down: 8 })
    expect(proxy).toMatchObject({ connectionCount: 1, connectionsMade: 1, roundTrips: 2 })
  })

  it('puts itself in place of the server in an address', () => {
    const url = proxy.urlOf('postgres://me:secret@127.0.0.1:5432/app?x=1')
    expect(url).toBe(`postgres://me:secret@127.0.0.1:${proxy.port}/app?x=1`)
  })

  it('closes the client when the server is closed, and the server when the client is', async () => {
    const [served] = (await Promise.all([once(server, 'connection'), connect()]))[0] as [Socket]
    clients[0]?.close()
    await once(served, 'close')
    await expect.poll(() => proxy.connectionCount).toBe(0)
    server.close()
    const client = await connect()
    await client.closed
  })
})

describe('time', () => {
  it('delays replies, in order, and requests if they are meant', async () => {
    const client = await connect()
    await client.ask('warm')
    proxy.delay(80, { direction: 'down' })
    const startedAt = performance.now()
    const first = client.ask('a')
    client.send('b\n')
    expect([await first, await client.line()]).toEqual(['A', 'B'])
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79)
    proxy.delay(80)
    const againAt = performance.now()
    await client.ask('c')
    expect(performance.now() - againAt).toBeGreaterThanOrEqual(159)
  })

  it('holds everything until it passes, then delivers all of it', async () => {
    const client = await connect()
    proxy.hold()
    client.send('a\n')
    const late = await connect()
    late.send('b\n')
    expect(await client.isSilentFor(60)).toBe(true)
    expect(proxy.bytes).toEqual({ up: 0, down: 0 })
    await proxy.pass()
    expect([await client.line(), await late.line()]).toEqual(['A', 'B'])
  })

  it('holds only the connections and the direction that are meant', async () => {
    const [feed, other] = [await connect(), await connect()]
    await feed.ask('subscribe')
    proxy.hold({ direction: 'down', only: ({ opening }) => opening.includes('subscribe') })
    feed.send('x\n')
    expect(await other.ask('y')).toBe('Y')
    expect(await feed.isSilentFor(60)).toBe(true)
    expect(proxy.bytes.up).toBe('subscribe\nx\ny\n'.length)
  })

  it('leaves a connection mute that swallowed something, and no other', async () => {
    const [mute, other] = [await connect(), await connect()]
    proxy.swallow({ direction: 'up', only: ({ number }) => number === 1 })
    mute.send('a\n')
    expect(await other.ask('b')).toBe('B')
    await proxy.pass()
    mute.send('c\n')
    expect(await mute.isSilentFor(60)).toBe(true)
    expect(await (await connect()).ask('d')).toBe('D')
  })
})

describe('connections', () => {
  it('refuses new ones, keeps the old, and takes new ones again', async () => {
    const client = await connect()
    proxy.refuse()
    await expect(connect()).rejects.toThrow('ECONNREFUSED')
    expect(await client.ask('a')).toBe('A')
    await proxy.pass()
    expect(await (await connect()).ask('b')).toBe('B')
  })

  it('drops those that are meant', async () => {
    const [first, second] = [await connect(), await connect()]
    await Promise.all([first.ask('a'), second.ask('b')])
    proxy.dropConnections(({ number }) => number === 2)
    await second.closed
    expect(await first.ask('c')).toBe('C')
    expect(proxy.connectionCount).toBe(1)
  })
})

describe('replies', () => {
  it('cuts in the middle of one: half of it comes, then the end', async () => {
    const client = await connect()
    const struck = proxy.cutNextReply(({ request }) => request.includes('bb'))
    expect(await client.ask('aaaa')).toBe('AAAA')
    client.send('bbbbb\n')
    await client.closed
    expect(client.rest).toBe('BBB')
    expect((await struck).reply.toString()).toBe('BBBBB\n')
    expect(await (await connect()).ask('bb')).toBe('BB')
  })

  it('cuts before one: the server answered, the client got nothing', async () => {
    const client = await connect()
    const struck = proxy.cutBeforeNextReply()
    client.send('aaaa\n')
    await client.closed
    expect(client.rest).toBe('')
    expect((await struck).request.toString()).toBe('aaaa\n')
  })

  it('loses half of one, so that the next is read as its rest', async () => {
    const client = await connect()
    void proxy.loseHalfOfNextReply()
    client.send('aaaaa\n')
    expect(await client.isSilentFor(60)).toBe(true)
    expect(await client.ask('b')).toBe('AAAB')
  })

  it('loses one, so that the next is taken for it', async () => {
    const client = await connect()
    void proxy.loseNextReply(({ reply }) => reply.includes('AA'))
    client.send('aa\n')
    expect(await client.isSilentFor(60)).toBe(true)
    expect(await client.ask('b')).toBe('B')
  })

  it('strikes once for each call, and forgets when it is to pass', async () => {
    const client = await connect()
    void proxy.loseNextReply()
    void proxy.loseNextReply()
    void proxy.loseNextReply()
    client.send('a\n')
    await client.isSilentFor(30)
    client.send('b\n')
    await client.isSilentFor(30)
    await proxy.pass()
    expect(await client.ask('c')).toBe('C')
  })
})
