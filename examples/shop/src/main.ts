import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { describeAgent } from '@holdfast/core/agent'
import { createSessions, type Duration } from '@holdfast/express'

import { watchStore } from './activity.ts'
import { explainListenError, readAddress } from './address.ts'
import { createApp } from './app.ts'
import { drain } from './drain.ts'
import { openStore } from './store.ts'

const address = orLeave(() => readAddress(process.env))
const { store, label, close: closeStore } = await openStore(process.env).catch(leave)

const activity = watchStore()
// A short one shows the warning before the end: IDLE_TIMEOUT=90s
const { IDLE_TIMEOUT = '30m' } = process.env
const sessions = orLeave(() =>
  createSessions({ store, idleTimeout: IDLE_TIMEOUT as Duration, devices: { describeAgent } }),
)
const server = createApp({ sessions, activity, storeLabel: label }).listen(address.port, address.host)
await once(server, 'listening').catch((error: Error) => leave(new Error(explainListenError(address, error))))

let stopping: Promise<void> | undefined

// A signal to a whole process group comes twice, from the group and by way of npm: the second must not cut the first off.
const stop = (): void => void (stopping ??= close())
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
console.log(`The shop is open at http://${address.host}:${(server.address() as AddressInfo).port} (Ctrl+C closes it)`)
console.log(`Sessions are kept in ${label}.`)

function orLeave<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    return leave(error as Error)
  }
}

function leave({ message }: Error): never {
  console.error(message)
  process.exit(1)
}

async function close(): Promise<void> {
  console.log('Closing: requests under way get their answers.')
  await drain(server, sessions)
  await closeStore()
  activity.close()
  console.log('Closed.')
}
