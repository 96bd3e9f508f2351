import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isRunning } from './process-tree.ts'
import { withRedis } from './redis-client.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

let server: RedisServer
let client: Redis

beforeEach(async () => {
  server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always', '--requirepass', 'p:w/'] })
  client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => {})
})

afterEach(async () => {
  client.disconnect()
  await server.stop()
})

describe('a Redis of one’s own', () => {
  it('listens on loopback only, with the settings that were given', async () => {
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
    expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
    expect(Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])).toBe(server.pid)
  })

  it('answers nothing while it is paused, and all of it afterwards', async () => {
    await client.set('a', 1)
    server.pause()
    const waiting = client.get('a')
    const first = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))])
    expect(first).toBe('nothing')
    server.resume()
    expect(await waiting).toBe('1')
  })

  it('comes back on its port after SIGKILL with what it had written, or with nothing', async () => {
    await client.set('a', 1)
    const { pid } = server
    await server.kill()
    expect(isRunning(pid)).toBe(false)
    expect(server.isRunning).toBe(false)
    await server.restart()
    expect(await client.get('a')).toBe('1')
    expect(server.pid).not.toBe(pid)
    await server.kill()
    await server.restart({ keepData: false })
    expect(await client.get('a')).toBe(null)
  })

  it('saves what it has before a restart, and takes new settings', async () => {
    const forgetful = await startRedis()
    const other = new Redis(forgetful.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
    other.on('error', () => {})
    try {
      await other.set('a', 1)
      await forgetful.restart({ args: ['--maxmemory', '5mb'] })
      expect(await other.get('a')).toBe('1')
      expect(await other.config('GET', 'maxmemory')).toEqual(['maxmemory', String(5 << 20)])
    } finally {
      other.disconnect()
      await forgetful.stop()
    }
  })

  it('can be met while it still loads', async () => {
    const slow = await startRedis({
      args: ['--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no'],
    })
    try {
      const keys = Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v'.repeat(100 + index)])
      await withRedis(slow.url, (other) => other.mset(...keys.flat()))
      await slow.restart({ args: ['--key-load-delay', '10000'], until: 'answering' })
      await expect(withRedis(slow.url, (other) => other.get('k1'))).rejects.toThrow('LOADING')
    } finally {
      await slow.stop()
    }
  })

  it('tells why it does not start', async () => {
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/)
  })
})
