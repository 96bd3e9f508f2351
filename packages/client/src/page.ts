import type { WatchFetch } from './watch-options.ts'

/** What is used of a page; the global object of a browser has it all. */
export interface Page {
  readonly fetch: WatchFetch
  readonly document: PageDocument
  /** Missing in browsers from before 2022, where tabs then do not hear of each other. */
  readonly BroadcastChannel?: new (name: string) => PageChannel
}

export interface PageDocument {
  readonly hidden: boolean
  addEventListener(type: string, listener: ActivityListener, options: ListenerOptions): void
  removeEventListener(type: string, listener: ActivityListener, options: ListenerOptions): void
}

export interface PageChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

export type ActivityListener = (event: { readonly isTrusted: boolean }) => void

export interface ListenerOptions {
  readonly capture: boolean
  readonly passive: boolean
}
