import { createHash, X509Certificate } from 'node:crypto'
import { accessSync, constants, readFileSync } from 'node:fs'
import path from 'node:path'

import { type Browser, chromium } from 'playwright-core'

import type { Certificate } from './certificate.ts'
import { removeDirectory, startIn, temporaryDirectory } from './servers/directories.ts'
import { type GuardedProcess, logTail, spawnGuarded } from './servers/guarded-process.ts'
import { familyOf, isRunning } from './servers/process-tree.ts'
import { testProgram } from './servers/programs.ts'
import { until } from './servers/until.ts'

export type { BrowserContext, Page as BrowserPage } from 'playwright-core'

/** What {@link startChromium} may be told. */
export interface ChromiumOptions {
  /** Servers with this certificate are trusted, as if an authority had signed it. */
  readonly certificate?: Certificate
}

/** A Chromium without a window. */
export interface Chromium {
  readonly pid: number
  /** Where it keeps its profile and its log. */
  readonly directory: string
  /** Makes contexts, each of which shares nothing with the others. */
  readonly browser: Browser
  /** Ends it and removes what it left. */
  stop(): Promise<void>
}

/**
 * As few as make it quiet and quick, so that it behaves as the browser people use: a driver's own list would turn off
 * the back/forward cache. Root has no sandbox to offer, and these pages are our own.
 */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-gpu',
  '--disable-sync',
  '--hide-scrollbars',
  '--password-store=basic',
  '--remote-debugging-port=0',
]

/**
 * Starts a Chromium: the one that `CHROMIUM_PATH` names, else the one in PATH, else Debian's package is installed as the
 * servers' are. It ends with this process at the latest.
 *
 * @throws an error with the command to run, where there is none and it cannot be installed
 */
export async function startChromium({ certificate }: ChromiumOptions = {}): Promise<Chromium> {
  const command = await chromiumProgram()
  const directory = temporaryDirectory('chromium')
  const logFile = path.join(directory, 'log')
  const trust = certificate === undefined ? [] : [`--ignore-certificate-errors-spki-list=${publicKeyHash(certificate)}`]
  const args = [...FLAGS, ...trust, `--user-data-dir=${directory}`, 'about:blank']
  const started = await startIn(directory, async () => spawnGuarded({ command, args, directory, logFile }))
  try {
    const address = await until(() => debuggerAddress(started, directory), { what: 'Chromium', every: 20 })
    const browser = await chromium.connectOverCDP(address)
    return {
      pid: started.pid,
      directory,
      browser,
      stop: async () => {
        await browser.close()
        await end(started)
        removeDirectory(directory)
      },
    }
  } catch (cause) {
    await end(started)
    const said = logTail(logFile)
    removeDirectory(directory)
    throw new Error(`Chromium did not start:\n${said}`, { cause })
  }
}

/** What descends from a browser ends by itself when the browser has, and writes to its directory until then. */
async function end(browser: GuardedProcess): Promise<void> {
  const family = familyOf(browser.pid)
  await browser.kill()
  await until(() => !family.some(isRunning), { what: 'the end of Chromium', every: 20 })
}

/** Finds the program, or installs it, which takes longer than a test may: `npm test` does it before. */
export async function chromiumProgram(): Promise<string> {
  return givenProgram() ?? testProgram('chromium')
}

function givenProgram(): string | undefined {
  const { CHROMIUM_PATH: given } = process.env
  if (given === undefined || given === '') return undefined
  try {
    accessSync(given, constants.X_OK)
  } catch (cause) {
    throw new Error(`CHROMIUM_PATH is "${given}", which is no program. Correct it, or leave it out.`, { cause })
  }
  return given
}

/** It writes where it listens into its profile, not all at once; `false` until then. */
function debuggerAddress({ hasExited }: GuardedProcess, directory: string): string | false {
  if (hasExited) throw new Error('It ended.')
  const [port, name = ''] = readFileSync(path.join(directory, 'DevToolsActivePort'), 'utf8').split('\n')
  return name.startsWith('/devtools/browser/') && `ws://127.0.0.1:${port}${name}`
}

/** Names the certificate's public key: only servers that hold its private half are trusted. */
function publicKeyHash({ cert }: Certificate): string {
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(publicKey).digest('base64')
}
