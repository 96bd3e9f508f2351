import path from 'node:path'

import { startPostgres } from '../postgres-server.ts'
import { startRedis } from '../redis-server.ts'

/** Starts the server that it is told, says which process that is and where it lies, and waits for its own end. */
const [server = ''] = process.argv.slice(2)
const started = await (server.endsWith('redis') ? startRedis() : startPostgres({ settings: { fsync: 'off' } }))
if (server.startsWith('paused')) started.pause()
process.stdout.write(`${JSON.stringify({ pid: started.pid, directory: path.dirname(started.logFile) })}\n`)
if (!server.startsWith('forgotten')) setInterval(() => {}, 1_000)
