import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'

import { expect, it } from 'vitest'

import { withRedis } from './redis-client.ts'
import { postgresUrl, redisUrl, sharedServers } from './shared-servers.ts'

const SHARED = path.join(import.meta.dirname, 'shared-servers.ts')

it('starts one server for a whole run, child processes included', async () => {
  const [redis, again, postgres] = await Promise.all([redisUrl(), redisUrl(), postgresUrl()])
  expect(again).toBe(redis)
  expect(await withRedis(redis, (client) => client.ping())).toBe('PONG')
  const program = `import { redisUrl, postgresUrl } from ${JSON.stringify(SHARED)}
    console.log(await redisUrl(), await postgresUrl())`
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', '--input-type=module', '-e', program])
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(said.trim()).toBe(`${redis} ${postgres}`)
})

it('takes the server that the environment names, and leaves it alone', async () => {
  const before = process.env['REDIS_URL']
  process.env['REDIS_URL'] = 'redis://named.example:1234'
  try {
    const servers = sharedServers()
    expect(await servers.url('redis')).toBe('redis://named.example:1234')
    await servers.stop()
  } finally {
    if (before === undefined) delete process.env['REDIS_URL']
    else process.env['REDIS_URL'] = before
  }
})
