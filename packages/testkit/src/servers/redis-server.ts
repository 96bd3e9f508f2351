import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { removeDirectory, startIn, temporaryDirectory } from './directories.ts'
import { freePort } from './free-port.ts'
import type { GuardedProcess } from './guarded-process.ts'
import { signal } from './process-tree.ts'
import { testProgram } from './programs.ts'
import { withRedis } from './redis-client.ts'
import { ANSWERING, launchRedis, READY } from './redis-process.ts'

/** What {@link startRedis} may be told. */
export interface RedisOptions {
  /** Settings as the command line takes them, `['--maxmemory', '8mb']`. They win over the testkit's own. */
  readonly args?: readonly string[]
  /** @default a free one */
  readonly port?: number
}

/** How a server comes back. */
export interface RedisRestart {
  /**
   * Whether it reads what it left on disk: a server that still runs saves everything first, one that was killed has
   * left what `appendonly yes` wrote. Otherwise it comes back empty. @default true
   */
  readonly keepData?: boolean
  /** Settings from now on, after those it was started with. */
  readonly args?: readonly string[]
  /** Whether to wait for the first answer only, even if that is an error like LOADING. @default 'ready' */
  readonly until?: 'ready' | 'answering'
}

/** A Redis of one's own, on 127.0.0.1. */
export interface RedisServer {
  readonly port: number
  /** With the password, if the settings have one. */
  readonly url: string
  /** Of the running server, or of the last one that ran. */
  readonly pid: number
  /** Whether it has not ended; a paused one runs. */
  readonly isRunning: boolean
  readonly logFile: string
  /** Stops it in its tracks, connections open. */
  pause(): void
  resume(): void
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  restart(restart?: RedisRestart): Promise<void>
  /** Ends it for good and removes what it left. */
  stop(): Promise<void>
}

const DEFAULTS = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']

/** Starts a Redis that keeps nothing on disk unless `args` say so. It ends with this process at the latest. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = await testProgram('redis-server')
  const directory = temporaryDirectory('redis')
  const logFile = path.join(directory, 'log')
  const port = options.port ?? (await freePort())
  let args = options.args ?? []

  const start = (isUp: RegExp): Promise<GuardedProcess> => {
    const own = ['--port', String(port), '--dir', directory, ...DEFAULTS]
    return launchRedis({ command: program, args: [...own, ...args], directory, logFile, port, isUp })
  }

  let running = await startIn(directory, () => start(READY))
  return {
    port,
    logFile,
    get url() {
      return redisAddress(port, args)
    },
    get pid() {
      return running.pid
    },
    get isRunning() {
      return !running.hasExited
    },
    pause: () => void signal(running.pid, 'SIGSTOP'),
    resume: () => void signal(running.pid, 'SIGCONT'),
    kill: () => running.kill(),
    restart: async ({ keepData = true, args: added = [], until: state = 'ready' } = {}) => {
      if (!running.hasExited && keepData) {
        await withRedis(redisAddress(port, args), (client) => client.save())
      }
      await running.kill()
      if (!keepData) emptyExcept(directory, logFile)
      args = [...args, ...added]
      running = await start(state === 'ready' ? READY : ANSWERING)
    },
    stop: async () => {
      await running.kill()
      removeDirectory(directory)
    },
  }
}

function redisAddress(port: number, args: readonly string[]): string {
  const at = args.lastIndexOf('--requirepass')
  const password = at < 0 ? '' : `:${encodeURIComponent(args[at + 1] ?? '')}@`
  return `redis://${password}127.0.0.1:${port}`
}

function emptyExcept(directory: string, kept: string): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name)
    if (file !== kept) rmSync(file, { recursive: true, force: true })
  }
}
