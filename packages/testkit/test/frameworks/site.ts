/** A site as the promises need it, in words that every framework can say. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Session, type Sessions, isHoldfastError } from '@holdfast/core'
import type { Certificate } from '../../src/index.ts'

/** What the sessions of these tests hold. */
export interface Data {
  a: string
  b: string
  n: number
  messages: string[]
}

/** What a handler answers; the harness says it in the idiom of its framework. */
export type Answer =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'redirect'; readonly to: string }
  | { readonly type: 'empty' }
  | { readonly type: 'stream'; readonly chunks: readonly string[] }

/** Where every site tells how long a session lives on. */
export const STATUS_PATH = '/session-status'

/** One request, as a handler sees it. */
export interface Visit {
  readonly session: Session<Data>
  readonly query: Readonly<Record<string, string | undefined>>
}

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly handle: (visit: Visit) => Answer | Promise<Answer>
}

/** An error that reached the framework's own error handling. */
export interface SiteError {
  /** Path and query of the request. */
  readonly url: string
  /** The stable code; of an error that is not ours, its message. */
  readonly code: string
  /** Whether it says that a write may have been applied. */
  readonly isOutcomeUnknown: boolean
}

export interface SiteOptions {
  /** Serve over https. */
  readonly certificate?: Certificate
}

export interface Site {
  readonly url: string
  readonly errors: readonly SiteError[]
  close(): Promise<void>
}

/** Serves routes under the sessions of an engine. */
export type Serve = (routes: readonly Route[], sessions: Sessions<Data>, options?: SiteOptions) => Promise<Site>

/** Answers how an error is listed. */
export function siteError(url: string, error: unknown): SiteError {
  const isOutcomeUnknown = (error as { isOutcomeUnknown?: boolean } | undefined)?.isOutcomeUnknown === true
  return { url, code: isHoldfastError(error) ? error.code : String(error), isOutcomeUnknown }
}

export function json(value: unknown): Answer {
  return { type: 'json', value }
}

/** Longer than any test, in milliseconds: no connection is closed while a browser begins to use it again. */
export const KEEP_ALIVE = 600_000

/** Starts a server of Node and answers its address. */
export async function listen(server: Server, { certificate }: SiteOptions): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http${certificate === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Stops a server of Node, with whatever it still serves. */
export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
