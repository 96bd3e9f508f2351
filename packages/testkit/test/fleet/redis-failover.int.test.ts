import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type RedisSentinel, type RedisServer, startRedisSentinel } from '../../src/index.ts'
import { until } from '../../src/servers/until.ts'
import { endure } from './faults/endured.ts'
import { report } from './faults/report.ts'
import { type Fleet, startFleet } from './fleet.ts'
import type { SharedStore } from './shared-store.ts'

/** What the apps need to find the new master and to connect to it. */
const WITHIN = 2_000

/** With another one, what was acknowledged in between would be lost as well, and the trial show nothing. */
const TAKEOVERS = 'takeovers in this trial'

describe('four processes over Redis with Sentinels', () => {
  let sentinel: RedisSentinel
  let choice: SharedStore
  let fleet: Fleet
  let ear: Redis
  let takeovers = 0

  // For each trial anew: a master that came back, or a replica that is gone, would decide the next one.
  beforeEach(async () => {
    sentinel = await startRedisSentinel()
    choice = { type: 'sentinel', sentinels: sentinel.sentinels, name: sentinel.name }
    fleet = await startFleet(() => ({ store: choice }))
    takeovers = 0
    ear = new Redis({ ...sentinel.sentinels[0] })
    ear.on('message', () => takeovers++)
    await ear.subscribe('+switch-master')
  })

  afterEach(async () => {
    ear?.disconnect()
    await fleet?.close()
    await sentinel?.stop()
  })

  /** Waits until another server is master. */
  const takenOver = (victim: RedisServer): Promise<unknown> =>
    until(async () => (await sentinel.master()) !== victim, { what: 'another master' })

  it('undo no logout when the master stops in its tracks and another takes over', async () => {
    let victim: RedisServer
    const measured = await endure(fleet, choice, {
      name: 'Sentinel, SIGSTOP',
      lasts: 0,
      strike: async () => {
        victim = await sentinel.pauseMaster()
      },
      heal: async () => {
        await takenOver(victim)
        victim.resume()
      },
      loses: 'before heal',
      within: WITHIN,
    })
    report('Sentinel: SIGSTOP of the master', measured)
    expect(takeovers, TAKEOVERS).toBe(1)
  })

  it('undo no logout when the master is killed and another takes over', async () => {
    let victim: RedisServer
    const measured = await endure(fleet, choice, {
      name: 'Sentinel, kill',
      lasts: 0,
      strike: async () => {
        victim = await sentinel.killMaster()
      },
      heal: () => takenOver(victim),
      loses: 'before heal',
      within: WITHIN,
    })
    report('Sentinel: kill -9 of the master', measured)
    expect(takeovers, TAKEOVERS).toBe(1)
  })
})
