import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { plainAccount } from './account.ts'
import { giveTo, removeDirectory, temporaryDirectory } from './directories.ts'
import { freePort } from './free-port.ts'
import { logTail, spawnGuarded } from './guarded-process.ts'
import { testProgram } from './programs.ts'
import { ask } from './postgres-client.ts'
import { until } from './until.ts'

/** What {@link startPgbouncer} is told. */
export interface PgbouncerOptions {
  /** A database that it leads to, and a user with the password. Other databases of the same server can be reached, too. */
  readonly postgresUrl: string
  /** When a server's connection goes back to the pool. @default 'transaction' */
  readonly poolMode?: 'transaction' | 'session'
  /** Connections to the server for each user and database. @default 10 */
  readonly poolSize?: number
  /** Names of further users, who need no password. */
  readonly users?: readonly string[]
}

/** A pgbouncer on 127.0.0.1. */
export interface Pgbouncer {
  /** The database and the user of `postgresUrl`, through the pooler. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly logFile: string
  stop(): Promise<void>
}

/** Starts a pgbouncer in front of a PostgreSQL. It ends with this process at the latest. */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const program = await testProgram('pgbouncer')
  const account = plainAccount()
  const directory = temporaryDirectory('pgbouncer', account)
  const port = await freePort()
  const url = new URL(options.postgresUrl)
  url.host = `127.0.0.1:${port}`
  const logFile = path.join(directory, 'log')
  const file = (name: string, lines: readonly string[]): string => {
    const written = path.join(directory, name)
    writeFileSync(written, `${lines.join('\n')}\n`)
    giveTo(account, written)
    return written
  }
  const settings = file('settings.ini', [
    '[databases]',
    `* = ${serverAddress(options.postgresUrl)}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${file('users', usersOf(options))}`,
    `pool_mode = ${options.poolMode ?? 'transaction'}`,
    `default_pool_size = ${options.poolSize ?? 10}`,
    'max_client_conn = 1000',
  ])
  const started = spawnGuarded({ command: program, args: [settings], directory, logFile, account })
  try {
    const isDecided = async (): Promise<boolean> => started.hasExited || (await ask(url.href, 'select 1'))
    await until(isDecided, { what: `pgbouncer on port ${port}`, every: 20 })
    if (started.hasExited) throw new Error('It ended.')
  } catch (cause) {
    await started.kill()
    const said = logTail(logFile)
    removeDirectory(directory)
    throw new Error(`pgbouncer did not start on port ${port}:\n${said}`, { cause })
  }
  return {
    url: url.href,
    port,
    pid: started.pid,
    logFile,
    stop: async () => {
      await started.kill()
      removeDirectory(directory)
    },
  }
}

function serverAddress(postgresUrl: string): string {
  const { hostname, port } = new URL(postgresUrl)
  return `host=${hostname} port=${port === '' ? 5432 : port}`
}

function usersOf({ postgresUrl, users = [] }: PgbouncerOptions): string[] {
  const { username, password } = new URL(postgresUrl)
  const own = [decodeURIComponent(username), decodeURIComponent(password)] as const
  return [own, ...users.map((name) => [name, ''] as const)].map((user) => user.map(quote).join(' '))
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
