import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Lists the processes that one has started and that still run. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return numbers(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
  } catch {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')
    return lines.map(numbers).flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []))
  }
}

/** Lists a process with all that descend from it and still run. */
export function familyOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)]
}

/** Signals a process, and answers whether it was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Stops a process in its tracks. When this returns it starts no more children, so that {@link childrenOf} knows all. */
export function halt(pid: number): void {
  if (!signal(pid, 'SIGSTOP')) return
  // A process that runs on another core takes note of the signal a moment later.
  const until = performance.now() + 100
  while (isAtWork(pid) && performance.now() < until);
}

function isAtWork(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [TtZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Tells whether a process runs. One that ended and that its parent has not taken note of does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}

function numbers(text: string): number[] {
  return text.trim().split(/\s+/).filter(Boolean).map(Number)
}
