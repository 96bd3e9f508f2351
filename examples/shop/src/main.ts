import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { createSessions } from '@holdfast/express'

import { watchStore } from './activity.ts'
import { createApp } from './app.ts'
import { drain } from './drain.ts'
import { createStore } from './store.ts'

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 3000)

const activity = watchStore()
const sessions = createSessions({ store: createStore() })
const server = createApp({ sessions, activity }).listen(port, host)
await once(server, 'listening')

let stopping: Promise<void> | undefined

// A signal to a whole process group comes twice, from the group and by way of npm: the second must not cut the first off.
const stop = (): void => void (stopping ??= close())
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
console.log(`The shop is open at http://${host}:${(server.address() as AddressInfo).port} (Ctrl+C closes it)`)

async function close(): Promise<void> {
  console.log('Closing: requests under way get their answers.')
  await drain(server, sessions)
  activity.close()
  console.log('Closed.')
}
