/** Holdfast in the browser: for pages that stay open longer than a session may be left alone. */
export { watchSession } from './watch-session.ts'
export type { SessionWarning, SessionWatch, WatchFetch, WatchOptions } from './watch-options.ts'
export type { SessionEnding, SessionStatus } from './session-status.ts'
