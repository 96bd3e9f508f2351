import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, it } from 'vitest'

import { familyOf, isRunning, signal } from './process-tree.ts'

const OWNER = fileURLToPath(new URL('./testing/owner.ts', import.meta.url))

interface Owned {
  readonly pid: number
  readonly directory: string
}

let owner: ChildProcess

afterEach(() => {
  if (owner.exitCode === null) owner.kill('SIGKILL')
})

/** Starts a process that starts a program, and answers what it says of it. */
async function own(program: string): Promise<Owned> {
  owner = spawn(process.execPath, ['--conditions=@holdfast/source', OWNER, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (owner.stdout === null) throw new Error('The owner has no output.')
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
  return JSON.parse(line) as Owned
}

describe.each([
  ['redis', 1],
  ['postgres', 5],
  ['paused redis', 1],
  ['paused postgres', 5],
  ['chromium', 5],
])('%s, when its owner', (program, processes) => {
  it('is killed, ends with all that belongs to it', async () => {
    const { pid, directory } = await own(program)
    const all = familyOf(pid).filter(isRunning)
    expect(all.length).toBeGreaterThanOrEqual(processes)
    signal(owner.pid ?? 0, 'SIGKILL')
    await expect.poll(() => all.filter(isRunning), { timeout: 5_000 }).toEqual([])
    await expect.poll(() => existsSync(directory), { timeout: 5_000 }).toBe(false)
  })
})

it('keeps nobody from exiting, and ends with an owner that forgot it', async () => {
  const { pid } = await own('forgotten redis')
  if (owner.exitCode === null) await once(owner, 'exit')
  expect(owner.exitCode).toBe(0)
  await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false)
})
