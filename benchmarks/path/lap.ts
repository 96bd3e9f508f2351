/** Lets one contender answer many requests within this process: what `shares.ts` profiles. */
import type { ContenderModule, StoreKind } from '../contenders/contender.ts'
import { ask } from './injected-connections.ts'
import { PATH_SCENARIOS, visitorsOf } from './path-scenarios.ts'

const [module = '', name = '', store = '', redisUrl = '', postgresUrl = '', count = ''] = process.argv.slice(2)
const contender = (await import(new URL(`../contenders/${module}`, import.meta.url).href)) as ContenderModule
const server = await contender.start({ store: store as StoreKind, redisUrl, postgresUrl })
const { connections, requests } = await visitorsOf(
  server,
  PATH_SCENARIOS.find((one) => one.name === name)!,
)
await ask(connections, requests, Number(count))
process.exit()
