/**
 * Set up in every test file of `npm run canary`: what is drawn as a token while the tests run, and the key that it leads
 * to, must be in no event, no warning and no output of the process, with debug switches on.
 */
import crypto from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { syncBuiltinESMExports } from 'node:module'
import { format, inspect } from 'node:util'

import { afterAll } from 'vitest'

import { leaksIn, Secrets } from './leaks.ts'

const TOKEN_BYTES = 24
const CHANNELS = 'created loaded rejected renewed reuse ended conflict gone cookie-withheld cache store'.split(' ')

/** Files that share a process share what was set up in it. */
interface Watch {
  readonly secrets: Secrets
  told: string[]
}

const shared = globalThis as { holdfastCanary?: Watch }
const watch = (shared.holdfastCanary ??= begin())

afterAll(() => {
  const leaks = leaksIn(watch.told.join('\n'), watch.secrets)
  watch.told = []
  if (leaks.length > 0) throw new Error(`Tokens or keys were told:\n${leaks.join('\n')}`)
})

function begin(): Watch {
  const begun: Watch = { secrets: new Secrets(), told: [] }
  noteTokens(begun.secrets)
  for (const name of CHANNELS) subscribe(`holdfast:${name}`, (message) => begun.told.push(show(message)))
  process.on('warning', (warning) => begun.told.push(show(warning)))
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const write = console[method].bind(console)
    console[method] = (...values: unknown[]) => {
      begun.told.push(format(...values))
      write(...values)
    }
  }
  // What debug switches print goes here, and nobody wants to read it.
  process.stderr.write = ((chunk: unknown, ...rest: unknown[]) => {
    begun.told.push(String(chunk))
    const done = rest.find((one) => typeof one === 'function')
    done?.()
    return true
  }) as typeof process.stderr.write
  return begun
}

function noteTokens(secrets: Secrets): void {
  const { randomBytes } = crypto
  crypto.randomBytes = ((size: number, ...rest: []) => {
    const bytes = randomBytes(size, ...rest)
    if (size === TOKEN_BYTES && Buffer.isBuffer(bytes)) secrets.add(bytes.toString('base64url'))
    return bytes
  }) as typeof randomBytes
  syncBuiltinESMExports()
}

function show(thing: unknown): string {
  return inspect(thing, { depth: Infinity, maxArrayLength: null, maxStringLength: null })
}
