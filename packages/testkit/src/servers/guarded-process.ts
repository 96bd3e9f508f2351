import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'

import type { Account } from './account.ts'
import { signal } from './process-tree.ts'

/** What {@link spawnGuarded} starts. */
export interface GuardedProgram {
  readonly command: string
  readonly args: readonly string[]
  /** Where it runs. */
  readonly directory: string
  /** Whether the directory goes with it when the owner dies. @default true */
  readonly isDirectoryTemporary?: boolean
  /** What it prints is appended here. */
  readonly logFile: string
  readonly account?: Account
}

/** A program that does not outlive the process that started it. */
export interface GuardedProcess {
  readonly pid: number
  readonly hasExited: boolean
  /** Resolves when it has ended, in whatever way. */
  readonly exited: Promise<void>
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
}

/**
 * Becomes the program, and leaves a guard behind that waits on a pipe from the owner. The end of the pipe without a
 * word means that the owner died, even by SIGKILL: the program is ended, together with its children, which PostgreSQL
 * puts outside of its process group. The guard is an orphan, so that no server wonders about a child it never had.
 */
const GUARD = `
directory=$1; shift
( (
  trap '' HUP INT QUIT TERM
  read -r released <&3 && exit
  kill -STOP $$; sleep 0.1
  children=$(cat /proc/$$/task/$$/children || ps -A -o pid=,ppid= | awk '$2 == '$$' { print $1 }')
  kill -KILL $$ $children
  [ -z "$directory" ] || rm -rf "$directory" || { sleep 1; rm -rf "$directory"; }
) >/dev/null 2>&1 & )
exec "$@" 3<&-
`

/** Starts a program that ends when this process does. It keeps nobody from exiting. */
export function spawnGuarded(program: GuardedProgram): GuardedProcess {
  const { command, args, directory, isDirectoryTemporary = true, logFile, account = {} } = program
  const log = openSync(logFile, 'a')
  const removed = isDirectoryTemporary ? directory : ''
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', removed, command, ...args], {
    cwd: directory,
    // A Ctrl-C ends the tests, and they end their servers.
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    ...account,
  })
  closeSync(log)
  if (child.pid === undefined) throw new Error(`${command} could not be started in ${directory}.`)
  const { pid } = child
  const rope = child.stdio[3] as Writable & { unref(): void }
  rope.on('error', () => {})
  rope.unref()
  child.unref()
  let hasExited = false
  const exited = once(child, 'exit').then(() => {
    hasExited = true
    rope.end('released\n')
  })
  return {
    pid,
    exited,
    get hasExited() {
      return hasExited
    },
    kill: async () => {
      if (!hasExited) signal(pid, 'SIGKILL')
      await whileReferenced(exited)
    },
  }
}

/** Answers the end of a log, for errors. */
export function logTail(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n')
  } catch {
    return '(no log)'
  }
}

/** Waits for something that by itself would not keep the process from exiting. */
async function whileReferenced(work: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1_000)
  try {
    await work
  } finally {
    clearInterval(timer)
  }
}
