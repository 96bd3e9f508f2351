/** What the engine puts on a response: the cookie or header that carries the token, and what goes with it. */
import type { Committed } from '../commit/order.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Exchange } from '../contracts/exchange.ts'
import type { HeaderEffect, SendTerms, Transport } from '../contracts/transport.ts'
import { tell } from '../mechanisms/events.ts'
import { endOf, idleDeadline, isTouchDue } from '../mechanisms/lifetime.ts'
import type { Live } from '../mechanisms/live.ts'
import type { Warn } from '../mechanisms/warner.ts'

/** How the token came, and how an answer travels. */
export interface Carriage {
  readonly exchange: Exchange
  readonly transport: Transport
  readonly tokens: readonly string[]
  /** The request headers that the engine looks at, for `Vary`. */
  readonly vary: string
}

export interface ResponseHeaderTerms {
  readonly warn: Warn
  /** The value of `Clear-Site-Data` at logout; `undefined` for none. */
  readonly clearSiteData: string | undefined
}

export interface TimeLeftTerms {
  /** The header that tells how long the session lives on; `undefined` for none. */
  readonly timeLeftHeader: string | undefined
  readonly clock: Clock
}

/** Says that the response depends on who asks. */
export function vary({ exchange, vary: names }: Carriage): void {
  exchange.appendHeader?.('Vary', names)
}

/** Says how many seconds the session lives on after this request, if the program wants that said. */
export function timeLeft(
  { timeLeftHeader, clock }: TimeLeftTerms,
  { exchange }: Carriage,
  { record, idleUntil }: Live,
  isActive: boolean,
): void {
  if (timeLeftHeader === undefined) return
  const now = clock.now()
  const isMoved = isActive && isTouchDue(record, idleUntil, now)
  const end = endOf(record, isMoved ? idleDeadline(record, now) : idleUntil)
  exchange.appendHeader?.(timeLeftHeader, String(Math.max(0, Math.floor((end - now) / 1000))))
}

const NO_STORE: HeaderEffect = ['Cache-Control', 'no-store']

export class ResponseHeaders {
  readonly #terms: ResponseHeaderTerms
  readonly #carriage: Carriage
  #effects: readonly HeaderEffect[] = []

  constructor(terms: ResponseHeaderTerms, carriage: Carriage) {
    this.#terms = terms
    this.#carriage = carriage
  }

  /** Takes in what came of a commit. What is told to the client later replaces what was told before. */
  note({ live, client }: Committed, hasLoggedOut: boolean, now: number): void {
    const token = client === 'none' ? this.#effects : client === 'clear' ? this.#clear() : this.#token(live!, now)
    this.#effects = hasLoggedOut ? [...token, ...this.#siteData()] : token
  }

  /** Puts the headers on the response. May be done again, since the handler may have set others meanwhile. */
  send(): void {
    for (const [name, value] of this.#effects) this.#carriage.exchange.appendHeader?.(name, value)
  }

  /** Whether a token that was sent now would reach the client. */
  canSend(token: string): boolean {
    const { exchange, transport } = this.#carriage
    return exchange.appendHeader !== undefined && !('code' in transport.send(token, this.#sending(undefined)))
  }

  #clear(): readonly HeaderEffect[] {
    const { exchange, transport } = this.#carriage
    const hasToken = this.#effects.length > 0 || transport.carries(exchange)
    return hasToken ? [...transport.clear({ isSecure: exchange.secure, exchange }), NO_STORE] : []
  }

  #token({ token, record }: Live, now: number): readonly HeaderEffect[] {
    const { transport } = this.#carriage
    const maxAge = record.persistent ? Math.max(0, Math.floor((record.absoluteAt - now) / 1000)) : undefined
    const sending = transport.send(token, this.#sending(maxAge))
    if (!('code' in sending)) return [...sending, NO_STORE]
    tell('holdfast:cookie-withheld', { code: sending.code, transport: transport.name })
    this.#terms.warn(sending.code, sending.message)
    return []
  }

  #sending(maxAge: number | undefined): SendTerms {
    const { exchange } = this.#carriage
    return { isSecure: exchange.secure, exchange, maxAge }
  }

  #siteData(): readonly HeaderEffect[] {
    const { clearSiteData } = this.#terms
    return clearSiteData !== undefined && this.#carriage.exchange.secure ? [['Clear-Site-Data', clearSiteData]] : []
  }
}
