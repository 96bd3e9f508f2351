/** The process of one contender: `main.ts <module> <store> <redis url> <postgres url>`. */
import type { AddressInfo } from 'node:net'

import type { ContenderModule, StoreKind } from '../../contenders/contender.ts'
import type { Question, Report } from './messages.ts'

const [module = '', store = 'none', redisUrl = '', postgresUrl = ''] = process.argv.slice(2)

// Nobody stops a process whose harness has gone.
process.once('disconnect', () => process.exit())

const queryCount = store === 'postgres' ? (await import('./query-count.ts')).countQueries() : (): number => 0
const { start } = (await import(new URL(`../../contenders/${module}`, import.meta.url).href)) as ContenderModule
const server = await start({ store: store as StoreKind, redisUrl, postgresUrl })

process.on('message', (question: Question) => {
  switch (question.type) {
    case 'usage': {
      if (question.collectsGarbage) collectGarbage()
      const { user, system } = process.cpuUsage()
      const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
      report({ type: 'usage', cpuMicros: user + system, queries: queryCount(), rss, retained: heapUsed + arrayBuffers })
      return
    }
    case 'stop':
      process.exit()
  }
})
report({ type: 'ready', port: (server.address() as AddressInfo).port })

function report(message: Report): void {
  process.send?.(message)
}

/** Twice: what weak references held is freed by the second. */
function collectGarbage(): void {
  globalThis.gc?.()
  globalThis.gc?.()
}
