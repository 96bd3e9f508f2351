import { Redis } from 'ioredis'
import { expect, it } from 'vitest'

import { monitorRedis } from './redis-monitor.ts'
import { startRedis } from './redis-server.ts'

it('sees what clients ask for, and tells it from what scripts do', async () => {
  const server = await startRedis()
  const monitor = await monitorRedis(server.url)
  const client = new Redis(server.url)
  try {
    await client.set('a', 1)
    await monitor.settle()
    expect(monitor.commands).toEqual([{ command: ['SET', 'a', '1'], isFromScript: false }])
    monitor.forget()
    await client.eval(`return redis.call('get', KEYS[1])`, 1, 'a')
    await monitor.settle()
    expect(monitor.commands.map(({ command, isFromScript }) => [command[0], isFromScript])).toEqual([
      ['EVAL', false],
      ['GET', true],
    ])
  } finally {
    client.disconnect()
    monitor.stop()
    await server.stop()
  }
})
