import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

import { Browser, type Connections, connections } from '../../src/index.ts'
import type { SharedStore } from './shared-store.ts'

/** What one process of a fleet is told. Everything in it can be written as JSON. */
export interface AppSettings {
  readonly framework: string
  readonly store: SharedStore
  readonly engine?: EngineSettings
}

/** Options of the engine that can be written as JSON. */
export interface EngineSettings {
  readonly cache?: false | { readonly maxAge?: number }
  readonly load?: 'eager' | 'strict'
  readonly idleTimeout?: number
  readonly storeDeadline?: number
  readonly commitDeadline?: number
}

/** What a process of a fleet is told while it runs. */
export type Order = 'close' | { readonly exhaust: number }

/** Processes of one application, over one store. */
export interface Fleet {
  readonly urls: readonly string[]
  readonly shared: Connections
  /** Makes a browser that knows no cookie yet, and turns to the process of that number. @default 0 */
  browser(turn?: number): Browser
  /** The address of the process that serves the request with this number: they take turns. */
  url(turn: number): string
  /** Lets each process hold every connection of its pool for so many milliseconds; resolves when all are free again. */
  exhaustPools(milliseconds: number): Promise<void>
  close(): Promise<void>
}

/** The processes take turns with the frameworks, so that all of them share sessions. */
const FRAMEWORK_TURNS = ['Express 5', 'Koa 3', 'Fastify 5', 'Express 5'] as const

/** Starts four processes over a store; `settings` may differ from one to the next. */
export async function startFleet(
  settings: (turn: number) => Omit<AppSettings, 'framework'>,
  size: number = FRAMEWORK_TURNS.length,
): Promise<Fleet> {
  const children = await Promise.all(
    Array.from({ length: size }, (_, turn) =>
      startProcess({ framework: FRAMEWORK_TURNS[turn % FRAMEWORK_TURNS.length]!, ...settings(turn) }),
    ),
  )
  const shared = connections()
  const url = (turn: number): string => children[turn % children.length]!.url
  return {
    urls: children.map((child) => child.url),
    shared,
    url,
    browser: (turn = 0) => new Browser(url(turn), shared),
    exhaustPools: async (milliseconds) => {
      const order: Order = { exhaust: milliseconds }
      await Promise.all(
        children.map(async ({ child }) => {
          child.send(order)
          await once(child, 'message')
        }),
      )
    },
    close: async () => {
      shared.close()
      await Promise.all(children.map(({ child }) => stop(child)))
    },
  }
}

async function startProcess(settings: AppSettings): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(new URL('./app-process.ts', import.meta.url), [JSON.stringify(settings)], {
    execArgv: ['--conditions=@holdfast/source', '--expose-gc'],
    env: { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`A process of the fleet ended with ${String(code)} before it served.`)
  })
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [{ url: string }]
  failed.catch(() => {})
  return { child, url: message.url }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.send('close')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(timer)
}
