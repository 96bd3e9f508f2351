import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { removeDirectory, startIn, temporaryDirectory } from './directories.ts'
import { freePort } from './free-port.ts'
import { testProgram } from './programs.ts'
import { launchRedis, READY } from './redis-process.ts'

/** What Sentinels watch. */
export interface Watched {
  /** What they call it. */
  readonly name: string
  readonly master: number
  readonly replicas: readonly number[]
}

/** Running Sentinels. */
export interface Sentinels {
  readonly ports: readonly number[]
  stop(): Promise<void>
}

/**
 * How long a master may be silent before it is replaced, in milliseconds. On a busy machine a server that is well may not
 * get to answer for half a second: with no more than that, one failover was followed by another that nobody had asked for.
 */
const DOWN_AFTER = 2_000

/** How long a takeover may take before another replica is tried, in milliseconds: for then there are two masters. */
const FAILOVER_TIMEOUT = 10_000

/** Starts Sentinels that know each other from the start, and replace a master that is silent for two seconds. */
export async function startSentinels(count: number, watched: Watched): Promise<Sentinels> {
  const program = await testProgram('redis-server')
  const all = await Promise.all(
    Array.from({ length: count }, async () => ({ port: await freePort(), id: randomBytes(20).toString('hex') })),
  )
  const started = await Promise.all(
    all.map(async ({ port, id }) => {
      const directory = temporaryDirectory('sentinel')
      const file = path.join(directory, 'sentinel.conf')
      const others = all.filter((other) => other.port !== port)
      const quorum = Math.floor(count / 2) + 1
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${directory}`,
        `sentinel myid ${id}`,
        `sentinel monitor ${watched.name} 127.0.0.1 ${watched.master} ${quorum}`,
        `sentinel down-after-milliseconds ${watched.name} ${DOWN_AFTER}`,
        `sentinel failover-timeout ${watched.name} ${FAILOVER_TIMEOUT}`,
        `sentinel parallel-syncs ${watched.name} ${watched.replicas.length}`,
        ...watched.replicas.map((replica) => `sentinel known-replica ${watched.name} 127.0.0.1 ${replica}`),
        ...others.map((other) => `sentinel known-sentinel ${watched.name} 127.0.0.1 ${other.port} ${other.id}`),
      ]
      // Sentinels keep what they learn in this file.
      writeFileSync(file, `${lines.join('\n')}\n`)
      const args = [file, '--sentinel']
      const logFile = path.join(directory, 'log')
      const launch = { command: program, args, directory, logFile, port, isUp: READY }
      const process = await startIn(directory, () => launchRedis(launch))
      return { process, directory }
    }),
  )
  return {
    ports: all.map(({ port }) => port),
    stop: async () => {
      await Promise.all(started.map(({ process }) => process.kill()))
      for (const { directory } of started) removeDirectory(directory)
    },
  }
}
