/** Keeps the servers that are measured away from what loads them and from the stores. */
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const SERVER_CPU = 0
const LOAD_CPU = 1

/** Puts this process and what it starts from now on on the CPU for loads. Answers whether this machine allows it. */
export function pinThisProcess(): boolean {
  if (availableParallelism() < 2) return false
  try {
    execFileSync('taskset', ['-acp', String(LOAD_CPU), String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The command that runs a command on one CPU only. It becomes that command, so that its process id is the same. */
export function pinned(cpu: number, command: readonly string[]): readonly string[] {
  return ['taskset', '-c', String(cpu), ...command]
}
