import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, it } from 'vitest'

import { childrenOf, isRunning, signal } from './process-tree.ts'

const OWNER = fileURLToPath(new URL('./testing/owner.ts', import.meta.url))

interface Owned {
  readonly pid: number
  readonly directory: string
}

let owner: ChildProcess

afterEach(() => {
  if (owner.exitCode === null) owner.kill('SIGKILL')
})

/** Starts a process that starts a server, and answers what it says of it. */
async function own(server: string): Promise<Owned> {
  owner = spawn(process.execPath, ['--conditions=@holdfast/source', OWNER, server], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (owner.stdout === null) throw new Error('The owner has no output.')
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
  return JSON.parse(line) as Owned
}

describe.each(['redis', 'postgres', 'paused redis', 'paused postgres'])('%s, when its owner', (server) => {
  it('is killed, ends with all that belongs to it', async () => {
    const { pid, directory } = await own(server)
    const all = [pid, ...childrenOf(pid)].filter(isRunning)
    expect(all.length).toBeGreaterThanOrEqual(server.endsWith('postgres') ? 5 : 1)
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
