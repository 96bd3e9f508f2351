import { readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'

import { Redis } from 'ioredis'

import { freePort } from './free-port.ts'
import { type GuardedProcess, logTail, spawnGuarded, temporaryDirectory } from './guarded-process.ts'
import { signal } from './process-tree.ts'
import { serverProgram } from './programs.ts'
import { until } from './until.ts'

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
  const program = await serverProgram('redis-server')
  const directory = temporaryDirectory('redis')
  const logFile = path.join(directory, 'log')
  const port = options.port ?? (await freePort())
  let args = options.args ?? []

  const start = async (isUp: RegExp): Promise<GuardedProcess> => {
    const own = ['--port', String(port), '--dir', directory, ...DEFAULTS]
    const started = spawnGuarded({ command: program, args: [...own, ...args], directory, logFile })
    try {
      const isDecided = async (): Promise<boolean> => started.hasExited || isUp.test(await firstAnswer(port))
      await until(isDecided, { what: `Redis on port ${port}`, every: 5 })
      if (started.hasExited) throw new Error('It ended.')
      return started
    } catch (cause) {
      await started.kill()
      throw new Error(`Redis did not start on port ${port}:\n${logTail(logFile)}`, { cause })
    }
  }

  let running = await start(READY)
  return {
    port,
    logFile,
    get url() {
      return redisAddress(port, args)
    },
    get pid() {
      return running.pid
    },
    pause: () => void signal(running.pid, 'SIGSTOP'),
    resume: () => void signal(running.pid, 'SIGCONT'),
    kill: () => running.kill(),
    restart: async ({ keepData = true, args: added = [], until: state = 'ready' } = {}) => {
      if (!running.hasExited && keepData) await save(redisAddress(port, args))
      await running.kill()
      if (!keepData) emptyExcept(directory, logFile)
      args = [...args, ...added]
      running = await start(state === 'ready' ? READY : ANSWERING)
    },
    stop: async () => {
      await running.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const READY = /^(\+PONG|-NOAUTH|-NOPERM|-MASTERDOWN)/
const ANSWERING = /^[+-]/

function redisAddress(port: number, args: readonly string[]): string {
  const at = args.lastIndexOf('--requirepass')
  const password = at < 0 ? '' : `:${encodeURIComponent(args[at + 1] ?? '')}@`
  return `redis://${password}127.0.0.1:${port}`
}

function firstAnswer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(1_000, () => socket.destroy(new Error('Redis did not answer.')))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('Redis closed the connection.')))
  })
}

async function save(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.save()
  } finally {
    client.disconnect()
  }
}

function emptyExcept(directory: string, kept: string): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name)
    if (file !== kept) rmSync(file, { recursive: true, force: true })
  }
}
