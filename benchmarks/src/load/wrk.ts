import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { autocannonLoad } from './autocannon.ts'
import { type LoadGenerator, type LoadResult, type LoadTerms, checked } from './load.ts'
import { cookieHeader } from './request-text.ts'

const SCRIPT = fileURLToPath(new URL('./wrk-shots.lua', import.meta.url))

/** It ends here even if it is not told to, in seconds. */
const LONGEST = 60

/** Loads by wrk, one thread. What is spent goes by autocannon, which can count. */
export const wrkLoad: LoadGenerator = { name: 'wrk', run }

/** Whether wrk is installed. */
export function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // It prints its version and ends with 1.
    return (error as { status?: number }).status === 1
  }
}

async function run(terms: LoadTerms): Promise<LoadResult> {
  const { port, shots, connections, duration } = terms
  if (duration === 'spent') return autocannonLoad.run(terms)
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-bench-'))
  try {
    const file = path.join(folder, 'shots')
    await writeFile(file, shots.map((shot) => `${shot.method}\t${shot.path}\t${cookieHeader(shot.cookie)}\n`).join(''))
    const args = ['-t', '1', '-c', String(connections), '-d', `${LONGEST}s`, '-s', SCRIPT]
    return await wrk([...args, `http://127.0.0.1:${port}`, '--', file], duration)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function wrk(args: readonly string[], seconds: number): Promise<LoadResult> {
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  // It takes whole seconds only; interrupted, it reports as usual.
  const timer = setTimeout(() => child.kill('SIGINT'), seconds * 1000)
  await once(child, 'close')
  clearTimeout(timer)
  const output = Buffer.concat(chunks).toString()
  const [, requests, micros, failures] = /^shots (\d+) (\d+) (\d+)$/m.exec(output) ?? []
  if (requests === undefined) throw new Error(`wrk did not report:\n${output}`)
  return checked({ requests: Number(requests), seconds: Number(micros) / 1e6 }, Number(failures))
}
