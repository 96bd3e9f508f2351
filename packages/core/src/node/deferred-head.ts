import type { HeldResponse } from './held-response.ts'

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

  /** Forgets the headers, because they lie on the response already. */
  dropHeaders(): void {
    const [status, reason] = this.#values
    this.#values = typeof reason === 'string' ? [status, reason] : [status]
  }

  /**
   * Puts the headers on the response, so that others can be merged with them. Until somebody asks for that they stay
   * apart, because Node sends what is only in the arguments exactly as it stands there, repetition and order included.
   */
  layHeaders(): void {
    const headers = headersOf(this.#values)
    this.dropHeaders()
    if (Array.isArray(headers)) {
      for (const [name, value] of pairsOf(headers as readonly unknown[])) this.#add(name, value)
    } else if (headers !== undefined) {
      for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value as HeaderValue)
    }
  }

  #add(name: string, value: HeaderValue): void {
    const existing = this.#response.getHeader(name)
    this.#response.setHeader(name, existing === undefined ? value : [existing, value].flat().map(String))
  }
}

function headersOf([, reason, headers]: readonly unknown[]): object | undefined {
  const given = typeof reason === 'string' ? headers : (headers ?? reason)
  return typeof given === 'object' && given !== null ? given : undefined
}

function pairsOf(headers: readonly unknown[]): readonly (readonly [string, HeaderValue])[] {
  if (Array.isArray(headers[0])) return headers as readonly (readonly [string, HeaderValue])[]
  return Array.from({ length: headers.length / 2 }, (_, index) => {
    return [headers[index * 2] as string, headers[index * 2 + 1] as HeaderValue] as const
  })
}
