/**
 * One process of a fleet: serves {@link FLEET_ROUTES} and what it observes on a framework, over a shared store. Its parent forks it, hands it
 * an {@link AppSettings} as the only argument, and is told the address. It ends with its parent.
 */
import { type Sessions, createSessions } from '@holdfast/core'

import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import type { Data } from '../frameworks/site.ts'
import type { AppSettings, Order } from './fleet.ts'
import { observe } from './observed.ts'
import { FLEET_ROUTES } from './routes.ts'
import { openStore } from './shared-store.ts'

const { framework, store, engine } = JSON.parse(process.argv[2]!) as AppSettings

const observed = observe()
const opened = await openStore(store)
const sessions: Sessions<Data> = createSessions<Data>({ ...engine, store: opened.store })
const site = await FRAMEWORKS.find(({ name }) => name === framework)!.serve([...FLEET_ROUTES, observed.route], sessions)
observed.errors = site.errors

process.on('disconnect', () => process.exit(0))
process.on('message', (message: Order) => {
  if (message === 'close') void close()
  else void opened.exhaust?.(message.exhaust).finally(() => process.send!('exhausted'))
})
process.send!({ url: site.url })

async function close(): Promise<void> {
  await site.close()
  await sessions.close()
  await opened.close()
  process.disconnect()
}
