/**
 * A process that signs somebody in, and renews the session by age with its seal on, until it kills itself right before a
 * command to the store. Its parent hands it a {@link DeathWish} as the only argument, and is told of both cookies.
 */
import { createSessions } from '@holdfast/core'
import { Redis } from 'ioredis'

import { request } from '../lifetimes/request.ts'
import { openStore, type SharedStore } from './shared-store.ts'

export interface DeathWish {
  readonly choice: SharedStore
  readonly secret: string
  readonly subject: string
  readonly value: string
  /** Before which command of the renewal the process dies, counted from 0. If there is none such, it lives. */
  readonly before: number
}

export interface Outlived {
  readonly cookie: string
}

/** Longer than a token may live by default, and shorter than nobody may use a session. */
const LAG = 20 * 60_000

const { choice, secret, subject, value, before } = JSON.parse(process.argv[2]!) as DeathWish
let commands: number | undefined

// All commands of all clients go through there.
const { sendCommand } = Redis.prototype
Redis.prototype.sendCommand = function (...values) {
  if (commands !== undefined) {
    if (commands === before) process.kill(process.pid, 'SIGKILL')
    commands += 1
  }
  return sendCommand.apply(this, values)
}

function tell(outlived: Outlived): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(outlived, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

process.on('disconnect', () => process.exit(0))
const { store, close } = await openStore(choice)
let lag = LAG
const sessions = createSessions<{ value: string }>({
  store,
  clock: { now: () => Date.now() - lag },
  cache: false,
  storeDeadline: '5s',
  commitDeadline: '20s',
  seal: { keys: [secret] },
})
const { cookie } = await request(sessions, undefined, (session) => {
  session.login(subject)
  session.set('value', value)
})
await tell({ cookie: cookie! })
lag = 0
commands = 0
const renewed = await request(sessions, cookie, (session) => session.get('value'))
await tell({ cookie: renewed.cookie! })
await sessions.close()
await close()
process.disconnect()
