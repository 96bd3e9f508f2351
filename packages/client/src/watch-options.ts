import type { SessionEnding, SessionStatus } from './session-status.ts'

/** What a page says about its session. Lengths are in milliseconds. */
export interface WatchOptions {
  /** Where the status handler of the server answers `GET`. */
  readonly statusUrl: string
  /**
   * Where it answers `POST`.
   *
   * @default `statusUrl`
   */
  readonly keepAliveUrl?: string
  /**
   * How long before the end to warn. Must be well below the idle timeout, or the warning never leaves.
   *
   * @default 60_000
   */
  readonly warnBefore?: number
  /**
   * How often the session is kept alive at most, while somebody is there. For short idle timeouts it is a quarter of what
   * is left, where that is less.
   *
   * @default 60_000
   */
  readonly keepAliveEvery?: number
  /**
   * How often the server is asked, while the page is visible and nobody touches it, whether the session was ended from
   * elsewhere. It extends nothing.
   *
   * @default 300_000
   */
  readonly checkEvery?: number
  /**
   * Sends the requests. For sessions that travel in a header, or a status handler of another origin.
   *
   * @default the page's `fetch`
   */
  readonly fetch?: WatchFetch
  /** The session ends soon. */
  onWarning?(warning: SessionWarning): void
  /** The session that was about to end lives on, or somebody has signed in again after the end. */
  onResume?(): void
  /** The session is over, as the server said. `null` where the server knows no reason, as after a sign-out in another tab. */
  onEnd?(ending: SessionEnding | null): void
  /** The server has answered, this tab or another one. */
  onStatus?(status: SessionStatus): void
}

/** What a page learns before the end. */
export interface SessionWarning {
  /** How long the session lives on. */
  readonly left: number
  /** Whether activity can put the end off. `false` when the session has lasted as long as it may. */
  readonly canExtend: boolean
}

/** A watch that was begun. */
export interface SessionWatch {
  /** Asks now, for a page that has signed in or out without being loaded anew. `undefined` if there was no answer. */
  check(): Promise<SessionStatus | undefined>
  /** Keeps the session alive now, whatever was asked before: for a button. `undefined` if there was no answer. */
  keepAlive(): Promise<SessionStatus | undefined>
  /** Ends the watch: no request, no callback comes after it. */
  stop(): void
}

/** As much of `fetch` as is used. */
export type WatchFetch = (
  url: string,
  init: { readonly method: 'GET' | 'POST'; readonly cache: 'no-store'; readonly signal: AbortSignal },
) => Promise<{ readonly ok: boolean; json(): Promise<unknown> }>
