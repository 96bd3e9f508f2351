import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { Browser, connections } from '../../src/index.ts'
import type { CanaryReport, CanarySettings } from './canary-process.ts'

/** Every switch that makes Node or a package talkative, but those that would print each module and timer. */
const DEBUGGING = {
  DEBUG: '*',
  // One line for each message.
  DEBUG_BREAK_LENGTH: 'Infinity',
  DEBUG_COMPACT: 'yes',
  NODE_DEBUG: 'http,http2,https,net,tls,stream,fetch,undici,diagnostics,cluster,worker',
  NODE_ENV: 'development',
  NODE_OPTIONS: '--trace-warnings --trace-uncaught',
}

/** A process that serves sessions with every debug switch on. */
export interface Canary {
  /** Goes through all that can happen to a session, on every framework. */
  walk(): Promise<void>
  /** Makes one change on every framework; answers the statuses. */
  change(): Promise<readonly number[]>
  /** Ends the process, and answers all that it said. */
  finish(): Promise<CanaryReport & { readonly output: string }>
}

/** Starts a {@link Canary} over a store. With secrets, its sessions are sealed. */
export async function startCanary(store: CanarySettings['store'], secrets: readonly string[] = []): Promise<Canary> {
  const child = fork(
    new URL('./canary-process.ts', import.meta.url),
    [JSON.stringify({ store, secrets } satisfies CanarySettings)],
    {
      execArgv: ['--conditions=@holdfast/source'],
      env: { ...process.env, ...DEBUGGING },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const output = Promise.all([text(child.stdout!), text(child.stderr!)])
  const failed = once(child, 'exit').then(async () => {
    throw new Error(`The canary died before it sang:\n${(await output).join('\n').slice(-3000)}`)
  })
  const [urls] = (await Promise.race([once(child, 'message'), failed])) as [string[]]
  failed.catch(() => {})
  const withheld = urls.pop()!
  const shared = connections()
  const isMemory = store.type === 'memory'
  const pass = async (milliseconds: number): Promise<void> => {
    if (!isMemory) return sleep(milliseconds)
    const passed = once(child, 'message')
    child.send({ advance: milliseconds })
    await passed
  }
  const walkAt = (url: string): Promise<void> => walkOn(() => new Browser(url, shared), pass, isMemory)

  return {
    walk: async () => {
      // Where the clock is moved, it is moved for all.
      if (isMemory) for (const url of urls) await walkAt(url)
      else await Promise.all(urls.map(walkAt))
      await new Browser(withheld, shared).post('/set')
    },
    change: async () => {
      const pages = await Promise.all(urls.map((url) => new Browser(url, shared).post('/set')))
      return pages.map(({ status }) => status)
    },
    finish: async () => {
      child.send('report')
      const [report] = (await once(child, 'message')) as [CanaryReport]
      shared.close()
      child.send('close')
      return { ...report, output: (await output).join('\n') }
    },
  }
}

async function walkOn(
  newBrowser: () => Browser,
  pass: (milliseconds: number) => Promise<void>,
  canPassMuch: boolean,
): Promise<void> {
  const user = newBrowser()
  await user.post('/set')
  await user.post('/update')
  await user.post('/login?user=ada')
  const other = newBrowser()
  await other.post('/login?user=ada')
  await user.post('/take')
  for (const path of ['/refused-value', '/invalid-text', '/too-large', '/property-style', '/failing-update']) {
    await user.post(path)
  }

  const replaced = user.cookie
  await user.post('/renew')
  await newBrowser().send({ method: 'POST', path: '/set', cookie: replaced })
  // Two change one field at once.
  await Promise.all([user.post('/slow-set'), user.post('/slow-set'), user.post('/update')])
  // By now the token is older than it may be; and in the end, where nobody has to wait for that, its use is a theft.
  const aged = user.cookie
  await pass(canPassMuch ? 61_000 : 1100)
  await Promise.all([user.post('/set'), user.post('/update')])
  await user.post('/set')
  if (canPassMuch) {
    await pass(20_000)
    await newBrowser().send({ method: 'POST', path: '/set', cookie: aged })
    await user.post('/login?user=ada')
  }
  await user.post('/devices')

  const stranger = newBrowser()
  await stranger.post('/set')
  const ambiguous = `${user.cookie}; ${stranger.cookie}`
  for (const cookie of [ambiguous, `id=${'A'.repeat(32)}`, 'id=no-token', other.cookie]) {
    await stranger.send({ path: '/state', cookie })
  }

  const late = user.post('/slow-set')
  await sleep(50)
  await user.post('/logout')
  await late
  await stranger.post('/used-after-end')
}
