/**
 * The facts that Holdfast tells, one `node:diagnostics_channel` each, named `holdfast:` and the fact. Telling costs
 * nothing while nobody listens. No message holds a token, a key or a value.
 */
import { channel } from 'node:diagnostics_channel'

import type { FeedState } from '../contracts/store.ts'
import type { RenewalReason } from './intents.ts'

/** Why a token that a request carried led to no session. */
export type RejectReason =
  | 'malformed'
  | 'unknown'
  | 'ended'
  | 'renewed'
  | 'reuse'
  | 'idle'
  | 'suspended'
  | 'absolute'
  | 'unreadable'
  | 'ambiguous'

/** Why a session in a subject's list could not be opened. */
export type UnopenedReason = 'key-unknown' | 'newer' | 'unreadable'

/** The messages, by channel. `id` is a session's public name; `duration` is in milliseconds. */
export interface HoldfastEvents {
  /** A session was saved for the first time. */
  'holdfast:created': { readonly id: string; readonly isSignedIn: boolean }
  /** A request's token led to a live session. */
  'holdfast:loaded': { readonly id: string; readonly revision: number }
  /** A request's token led nowhere; the request goes on with a fresh session. `field`: only that field is unreadable. */
  'holdfast:rejected': { readonly reason: RejectReason; readonly id?: string; readonly field?: string }
  /** A session goes on under a new token. */
  'holdfast:renewed': { readonly id: string; readonly reason: RenewalReason }
  /** A token came back that had been replaced by age, after its grace: somebody has a copy of it. */
  'holdfast:reuse': { readonly id: string | undefined; readonly isEnded: boolean }
  /** A session is over. */
  'holdfast:ended': { readonly id: string | undefined; readonly reason: string }
  /**
   * A session was met in the list of its subject that this process cannot open: its key is missing here, a newer version has
   * written it, or nobody can read it any more. To end it, it need not be opened.
   */
  'holdfast:unopened': { readonly id: string; readonly reason: UnopenedReason }
  /** Two requests changed one field at once: `last` won, a function `resolved` it, or a taken field's new value was `kept`. */
  'holdfast:conflict': {
    readonly id: string
    readonly field: string
    readonly resolution: 'last' | 'resolved' | 'kept'
  }
  /** A request's changes were refused because its session had ended. */
  'holdfast:gone': { readonly id: string | undefined }
  /** A cookie was not sent; `code` is that of the warning. */
  'holdfast:cookie-withheld': { readonly code: string; readonly transport: string }
  /** The feed that keeps the local cache true has changed its state; all copies were dropped. */
  'holdfast:cache': { readonly store: string; readonly state: FeedState }
  /** A store answered, or failed. `outcome` is that of the contract (`'done'` for touch and ping), or the code of the error. */
  'holdfast:store': {
    readonly store: string
    readonly verb: string
    readonly outcome: string
    readonly duration: number
    /** How many records the call was about, for `touch`. */
    readonly size?: number
  }
}

export type EventName = keyof HoldfastEvents

const CHANNELS: { readonly [Name in EventName]: ReturnType<typeof channel> } = {
  'holdfast:created': channel('holdfast:created'),
  'holdfast:loaded': channel('holdfast:loaded'),
  'holdfast:rejected': channel('holdfast:rejected'),
  'holdfast:renewed': channel('holdfast:renewed'),
  'holdfast:reuse': channel('holdfast:reuse'),
  'holdfast:ended': channel('holdfast:ended'),
  'holdfast:unopened': channel('holdfast:unopened'),
  'holdfast:conflict': channel('holdfast:conflict'),
  'holdfast:gone': channel('holdfast:gone'),
  'holdfast:cookie-withheld': channel('holdfast:cookie-withheld'),
  'holdfast:cache': channel('holdfast:cache'),
  'holdfast:store': channel('holdfast:store'),
}

/** Tells a fact to whoever listens. */
export function tell<Name extends EventName>(name: Name, message: HoldfastEvents[Name]): void {
  CHANNELS[name].publish(message)
}

/** Says at once, each time it is called, whether anybody listens: for messages that cost something to make. */
export function hearingOf(name: EventName): () => boolean {
  const told = CHANNELS[name]
  return () => told.hasSubscribers
}
