import { STATUS_CODES } from 'node:http'

import { type HeldResponse, isOutgoingMessage } from './held-response.ts'
import { type HeadParts, isPlainHead, Rehearsal } from './rehearsal.ts'

type HeaderValue = number | string | readonly string[]

/** A call of `writeHead` that has been put off, with the forms of its arguments understood as Node does. */
export class DeferredHead {
  readonly #response: HeldResponse
  #values: readonly unknown[]

  constructor(response: HeldResponse, values: readonly unknown[]) {
    this.#response = response
    this.#values = values
  }

  /** The arguments with which `writeHead` is to be called in the end. */
  get values(): readonly unknown[] {
    return this.#values
  }

  /**
   * Throws what Node would throw at this call, and otherwise changes the response as Node would: its status, and its
   * headers if it has some already.
   */
  rehearse(): Rehearsal | undefined {
    const response = this.#response
    const parts = partsOf(this.#values)
    const hasHeaders = response.getHeaderNames().length > 0
    if (isPlainHead(response, parts)) {
      this.#giveStatus(parts)
      if (hasHeaders && isOutgoingMessage(response)) this.layHeaders()
      return undefined
    }
    const rehearsal = new Rehearsal(response)
    rehearsal.run('writeHead', this.#values)
    if (hasHeaders) this.#dropHeaders()
    return rehearsal
  }

  /**
   * Puts the headers on the response, so that others can be merged with them. Until somebody asks for that they stay
   * apart, because Node sends what is only in the arguments exactly as it stands there, repetition and order included.
   */
  layHeaders(): void {
    const { headers } = partsOf(this.#values)
    this.#dropHeaders()
    if (Array.isArray(headers)) {
      for (const [name, value] of pairsOf(headers as readonly unknown[])) this.#add(name, value)
    } else if (typeof headers === 'object' && headers !== null) {
      for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value as HeaderValue)
    }
  }

  #giveStatus({ status, reason }: HeadParts): void {
    const response = this.#response
    response.statusCode = status as number
    if (!isOutgoingMessage(response)) return
    if (typeof reason === 'string') response.statusMessage = reason
    else response.statusMessage ||= STATUS_CODES[response.statusCode] ?? 'unknown'
  }

  #dropHeaders(): void {
    const { status, reason } = partsOf(this.#values)
    this.#values = typeof reason === 'string' ? [status, reason] : [status]
  }

  #add(name: string, value: HeaderValue): void {
    const existing = this.#response.getHeader(name)
    this.#response.setHeader(name, existing === undefined ? value : [existing, value].flat().map(String))
  }
}

function partsOf([status, reason, headers]: readonly unknown[]): HeadParts {
  if (typeof reason === 'string') return { status, reason, headers: headers ?? undefined }
  return { status, reason: undefined, headers: headers ?? reason ?? undefined }
}

function pairsOf(headers: readonly unknown[]): readonly (readonly [string, HeaderValue])[] {
  if (Array.isArray(headers[0])) return headers as readonly (readonly [string, HeaderValue])[]
  return Array.from({ length: headers.length / 2 }, (_, index) => {
    return [headers[index * 2] as string, headers[index * 2 + 1] as HeaderValue] as const
  })
}
