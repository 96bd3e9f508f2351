import { Redis } from 'ioredis'
import { afterAll, beforeAll, it } from 'vitest'

import { type RedisServer, startRedis } from '../../../src/index.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import type { SharedStore } from '../shared-store.ts'
import { endure } from './endured.ts'
import { PASSWORD, type RedisFault } from './redis-faults.ts'
import { report } from './report.ts'

/** Lets four processes over one Redis endure one fault after the other. */
export function endureAll(faults: readonly RedisFault[], args: readonly string[] = []): void {
  let server: RedisServer
  let admin: Redis
  let choice: SharedStore
  let fleet: Fleet

  beforeAll(async () => {
    server = await startRedis({ args: ['--enable-debug-command', 'yes', '--requirepass', PASSWORD, ...args] })
    admin = new Redis(server.url)
    admin.on('error', () => {})
    choice = { type: 'redis', url: server.url }
    fleet = await startFleet(() => ({ store: choice }))
  })

  afterAll(async () => {
    await fleet?.close()
    admin?.disconnect()
    await server?.stop()
  })

  it.each(faults)('$name', async ({ strike, heal, ...fault }) => {
    const target = { server, admin }
    report(
      fault.name,
      await endure(fleet, choice, { ...fault, strike: () => strike(target), heal: () => heal(target) }),
    )
  })
}
