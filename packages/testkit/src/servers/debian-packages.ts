import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'

import { until } from './until.ts'

const APT = '/usr/bin/apt-get'

/** What Debian asks before a package starts its service; 101 means no. */
const POLICY = '/usr/sbin/policy-rc.d'
const SAVED_POLICY = `${POLICY}.holdfast-saved`
const NO_SERVICES = '#!/bin/sh\nexit 101\n'

const INSTALL_WITHIN = 300_000

/**
 * Installs a Debian package without starting its service, unless it is there by the time that it is our turn.
 *
 * @throws an error with the command to run, where the tests are not root or there is no apt-get
 */
export async function installPackage(name: string, isThere: () => boolean): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync(APT)) {
    const command = process.platform === 'darwin' ? `brew install ${name}` : `sudo apt-get install -y ${name}`
    throw new Error(`A program that the tests need is not installed. They never skip what needs it. Run: ${command}`)
  }
  const release = await takeTurn()
  try {
    if (isThere()) return
    say(`${name} is missing: installing Debian's package, once.`)
    await withoutServices(async () => {
      await apt(['update'])
      await apt(['install', '-y', '--no-install-recommends', name])
    })
    say(`${name} is installed.`)
  } finally {
    release()
  }
}

/** One process of the machine at a time. The name belongs to the socket, so it is free again when its owner dies. */
function takeTurn(): Promise<() => void> {
  const ask = async (): Promise<() => void> => {
    const server = createServer()
    await once(server.listen('\0holdfast-testkit-install'), 'listening')
    return () => void server.close()
  }
  return until(ask, { what: 'another process that installs packages', every: 200, within: INSTALL_WITHIN })
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (spawnSync(POLICY, ['any', 'start']).status === 101) return work()
  if (existsSync(POLICY)) renameSync(POLICY, SAVED_POLICY)
  writeFileSync(POLICY, NO_SERVICES)
  chmodSync(POLICY, 0o755)
  try {
    await work()
  } finally {
    rmSync(POLICY, { force: true })
    if (existsSync(SAVED_POLICY)) renameSync(SAVED_POLICY, POLICY)
  }
}

async function apt(args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(APT, ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: INSTALL_WITHIN,
    })
  } catch (cause) {
    throw new Error(`apt-get ${args.join(' ')} failed. Run it yourself to see why.`, { cause })
  }
}

function say(text: string): void {
  process.stderr.write(`testkit: ${text}\n`)
}
