import type { Readable } from 'node:stream'

import type { MountOptions, Sessions } from '@holdfast/core'

/** The fields of the suite's sessions. */
export type Fields = Record<string, unknown>

/** An application, as the suite describes it to any framework. */
export interface BindingRoutes {
  /**
   * Whether the application stands behind a proxy that it trusts. Then it must believe the headers `X-Forwarded-Proto`
   * and `X-Forwarded-For` of whoever calls; otherwise neither.
   */
  readonly isProxyTrusted: boolean
  /** With what the binding is mounted, before all routes. */
  readonly mount: MountOptions
  readonly list: readonly BindingRoute[]
  /** To be called with every error that reaches the framework's error handling, before its default answer is sent. */
  onError(error: unknown): void
}

/** One route, for the very path. A GET route answers HEAD too. */
export interface BindingRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** With what the binding is mounted once more, on this route only. */
  readonly mount?: MountOptions
  /** Handles a request. What it throws is for the framework's error handling. */
  handle(visit: BindingVisit): Answer | Promise<Answer>
}

/** One request, as the route's handler gets it. */
export interface BindingVisit {
  /** What lies under the property that the binding is mounted with. */
  readonly session: unknown
  /** What a user of the framework hands to `sessions.of`: the request or context. */
  readonly carrier: object
}

/** What the handler wants answered, by the framework's own means. */
export type Answer = AnswerHead & AnswerBody

export interface AnswerHead {
  /** @default 200; 302 for a redirect, 204 for an empty answer */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Values of `Set-Cookie` headers, to be added one by one. */
  readonly cookies?: readonly string[]
}

export type AnswerBody =
  | { readonly type: 'text'; readonly body: string }
  | { readonly type: 'json'; readonly body: object }
  | { readonly type: 'redirect'; readonly location: string }
  | { readonly type: 'stream'; readonly body: Readable }
  | { readonly type: 'empty' }

/** An application that listens. */
export interface ServedApplication {
  /** Such as `http://127.0.0.1:49152`. */
  readonly url: string
  close(): Promise<unknown> | void
}

/** Builds the application with a framework and the binding under test, and lets it listen on a free port. */
export type Serve = (routes: BindingRoutes, sessions: Sessions<Fields>) => Promise<ServedApplication>
