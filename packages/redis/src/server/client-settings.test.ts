import { expect, it } from 'vitest'
import type { AnyRedisClient } from '../client/redis-client.ts'
import { adviceFor } from './client-settings.ts'

const WELL = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1_000,
}

function client(options: object): AnyRedisClient {
  return { isCluster: false, options } as AnyRedisClient
}

it('has nothing to say of a client that is set up well', () => {
  expect(adviceFor(client({ ...WELL, sentinels: null, failoverDetector: false }))).toBeUndefined()
  expect(adviceFor(client({ ...WELL, sentinels: [{ port: 1 }], failoverDetector: true }))).toBeUndefined()
})

it('names every setting that should be another', () => {
  for (const name of Object.keys(WELL)) {
    expect(adviceFor(client({ ...WELL, [name]: undefined }))).toContain(`\`${name}: `)
  }
})

it('wants a client behind Sentinels to hear when another server becomes master', () => {
  expect(adviceFor(client({ ...WELL, sentinels: [{ port: 1 }] }))).toContain('`failoverDetector: true`')
})
