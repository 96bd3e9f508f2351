import type { Exchange } from './exchange.ts'
import type { WarningCode } from './warnings.ts'

/** A response header that the engine wants sent. */
export type HeaderEffect = readonly [name: string, value: string]

/** How the token travels between client and server. The engine never sees a header itself. */
export interface Transport {
  readonly name: string
  /** The request header that the answer depends on, for `Vary`. */
  readonly vary: string
  /** Well-formed tokens that the request carries, without repetition, at most {@link CANDIDATES_TRIED}. */
  candidates(exchange: Exchange): readonly string[]
  /** Whether the request carries anything under our name, well-formed or not. */
  carries(exchange: Exchange): boolean
  /** What sends a token, or why this connection must not carry it. */
  send(token: string, terms: SendTerms): readonly HeaderEffect[] | Withheld
  /** What makes the client forget its token. */
  clear(terms: ClearTerms): readonly HeaderEffect[]
}

export interface ClearTerms {
  readonly isSecure: boolean
  /** The exchange that is answered. */
  readonly exchange: Exchange
}

export interface SendTerms extends ClearTerms {
  /** How long the client may keep the token over a restart, in seconds; `undefined`: until it is closed. */
  readonly maxAge: number | undefined
}

/** Why a token was not sent, and what to do about it. */
export interface Withheld {
  readonly code: WarningCode
  readonly message: string
}

/** How many candidates of one request are looked up. */
export const CANDIDATES_TRIED = 4
