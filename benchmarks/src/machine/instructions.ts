/** Instructions that a process executes, from the counters of the CPU, where the machine lets them be read. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const EVENT = 'instructions'

/** Whether instructions can be counted here. Virtual machines often have no counters. */
export async function canCountInstructions(): Promise<boolean> {
  return (await perfStat(['true'])) !== null
}

/** Counts the instructions of a process, user and kernel, while the work is done. */
export async function countInstructions<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; instructions: number | null }> {
  const stop = new AbortController()
  const counted = perfStat(['-p', String(pid)], stop.signal)
  const result = await work()
  stop.abort()
  return { result, instructions: await counted }
}

async function perfStat(args: readonly string[], stop?: AbortSignal): Promise<number | null> {
  const child = spawn('perf', ['stat', '-x', ',', '-e', EVENT, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const chunks: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  // It prints what it counted when it is interrupted.
  stop?.addEventListener('abort', () => child.kill('SIGINT'))
  const isThere = await Promise.race([once(child, 'close').then(() => true), once(child, 'error').then(() => false)])
  return isThere ? readPerfStat(Buffer.concat(chunks).toString()) : null
}

/** Reads what `perf stat -x ,` prints: `1234,,instructions,…`, or `<not supported>,,instructions,…`. */
export function readPerfStat(output: string): number | null {
  const line = output.split('\n').find((text) => text.split(',')[2]?.startsWith(EVENT))
  const count = Number(line?.split(',')[0])
  return Number.isFinite(count) ? count : null
}
