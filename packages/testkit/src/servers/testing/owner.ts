import path from 'node:path'

import { startChromium } from '../../chromium.ts'
import { startPostgres } from '../postgres-server.ts'
import { startRedis } from '../redis-server.ts'

interface Started {
  readonly pid: number
  readonly directory: string
  pause?(): void
}

/** Starts the program that it is told, says which process that is and where it lies, and waits for its own end. */
const [program = ''] = process.argv.slice(2)
const started = await start()
if (program.startsWith('paused')) started.pause?.()
process.stdout.write(`${JSON.stringify({ pid: started.pid, directory: started.directory })}\n`)
if (!program.startsWith('forgotten')) setInterval(() => {}, 1_000)

async function start(): Promise<Started> {
  if (program.endsWith('chromium')) return startChromium()
  const server = await (program.endsWith('redis') ? startRedis() : startPostgres({ settings: { fsync: 'off' } }))
  return { pid: server.pid, directory: path.dirname(server.logFile), pause: server.pause }
}
