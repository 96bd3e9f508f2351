import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'

import { plainAccount } from './account.ts'
import { removeDirectory, startIn, subdirectory, temporaryDirectory } from './directories.ts'
import { limitFileSize } from './file-limit.ts'
import { freePort } from './free-port.ts'
import { type GuardedProcess, logTail, spawnGuarded } from './guarded-process.ts'
import { ask, createDatabase } from './postgres-client.ts'
import { fillWithDatabase } from './postgres-data.ts'
import { childrenOf, halt, isRunning, signal } from './process-tree.ts'
import { testProgram } from './programs.ts'
import { until } from './until.ts'

/** What {@link startPostgres} may be told. */
export interface PostgresOptions {
  /** Settings as in postgresql.conf. The server is durable unless they say otherwise. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * A directory of the caller's, which stays when the server stops: empty, or left by an earlier server.
   *
   * @default a temporary one
   */
  readonly dataDir?: string
}

/** A PostgreSQL of one's own, on 127.0.0.1. */
export interface PostgresServer {
  readonly port: number
  /** Of the database `postgres`, as superuser. */
  readonly url: string
  /** Of the postmaster that runs, or of the last one that ran. */
  readonly pid: number
  readonly logFile: string
  readonly dataDir: string
  /** Stops the postmaster and all backends in their tracks, connections open. */
  pause(): void
  resume(): void
  /** Ends the postmaster and all backends by SIGKILL, as a crash of the machine does. */
  kill(): Promise<void>
  /** Starts it again on the same port, after an orderly end if it still runs. */
  restart(restart?: { readonly settings?: Readonly<Record<string, string>> }): Promise<void>
  /** Ends it for good and removes what it left, but not a `dataDir` of the caller's. */
  stop(): Promise<void>
  /**
   * Fills the disk, in effect: no file may grow beyond that many bytes, and who tries gets what a full disk gives, with
   * code XX000 for 53100. Without bytes there is room again. At least 16 MiB, which each file of the journal has.
   */
  limitFileSize(bytes?: number): void
  /** Makes a database and answers its address, as superuser. @param name @default a new name */
  createDatabase(name?: string): Promise<string>
}

const DEFAULTS = { listen_addresses: '127.0.0.1', unix_socket_directories: '' }

/** Starts a PostgreSQL. It ends with this process at the latest. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const program = await testProgram('postgres')
  const account = plainAccount()
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const directory = temporaryDirectory('postgres', account)
  const logFile = path.join(directory, 'log')
  const dataDir = options.dataDir ?? subdirectory(directory, 'data', account)
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) await fillWithDatabase(dataDir, program, account)
  let settings = { ...DEFAULTS, ...options.settings }

  const start = async (): Promise<GuardedProcess> => {
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const args = ['-D', dataDir, '-p', String(port), ...flags]
    const started = spawnGuarded({ command: program, args, directory, logFile, account })
    try {
      const isDecided = async (): Promise<boolean> => started.hasExited || (await ask(url, 'select 1'))
      await until(isDecided, { what: `PostgreSQL on port ${port}`, every: 20, within: 30_000 })
      if (started.hasExited) throw new Error('It ended.')
      return started
    } catch (cause) {
      await crash(started)
      throw new Error(`PostgreSQL did not start on port ${port}:\n${logTail(logFile)}`, { cause })
    }
  }

  let running = await startIn(directory, start)
  return {
    port,
    url,
    logFile,
    dataDir,
    get pid() {
      return running.pid
    },
    pause: () => haltAll(running.pid),
    resume: () => resumeAll(running.pid),
    kill: () => crash(running),
    restart: async ({ settings: added = {} } = {}) => {
      await shutDown(running)
      settings = { ...settings, ...added }
      // It names a process that has ended, whose number may by now be another's.
      rmSync(path.join(dataDir, 'postmaster.pid'), { force: true })
      running = await start()
    },
    stop: async () => {
      await (options.dataDir === undefined ? crash(running) : shutDown(running))
      removeDirectory(directory)
    },
    limitFileSize: (bytes) => limitFileSize([running.pid, ...childrenOf(running.pid)], bytes, account),
    createDatabase: (name = `test_${randomBytes(6).toString('hex')}`) => createDatabase(url, name),
  }
}

/** The postmaster first: it starts no backend that would be missed. */
function haltAll(postmaster: number): void {
  halt(postmaster)
  for (const pid of childrenOf(postmaster)) signal(pid, 'SIGSTOP')
}

function resumeAll(postmaster: number): void {
  for (const pid of [postmaster, ...childrenOf(postmaster)]) signal(pid, 'SIGCONT')
}

/** Stops all before it ends any, so that nobody notices the end of another and says goodbye to clients. */
async function crash(postmaster: GuardedProcess): Promise<void> {
  if (postmaster.hasExited) return
  haltAll(postmaster.pid)
  const backends = childrenOf(postmaster.pid)
  await postmaster.kill()
  for (const backend of backends) signal(backend, 'SIGKILL')
  await until(() => !backends.some(isRunning), { what: 'the end of all backends', every: 5 })
}

async function shutDown(postmaster: GuardedProcess): Promise<void> {
  if (!postmaster.hasExited) signal(postmaster.pid, 'SIGINT')
  await until(() => postmaster.hasExited, { what: 'the end of PostgreSQL', every: 5, within: 30_000 })
}
