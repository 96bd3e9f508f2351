import type { Exchange } from '../contracts/exchange.ts'
import { appendResponseHeader, isResponseStarted } from './held-response.ts'
import type { NodeRequest, NodeResponse } from './node-types.ts'

/** An exchange over the objects of `node:http`. */
export interface NodeExchange extends Exchange {
  readonly carrier: object
  /** Set by a binding that wants to know of the first use of the session. */
  onUse?: () => void
}

export interface NodeExchangeOptions {
  /** Whether the client reached us over TLS. @default whether the socket is a TLS socket */
  readonly secure?: boolean | undefined
  /** The client's address. @default that of the socket */
  readonly address?: string | undefined
}

/**
 * Shows the engine a request of `node:http`, and its response if there is one.
 *
 * Without a response (a WebSocket upgrade), a commit that needs a cookie throws `ERR_NO_RESPONSE`. Headers may be added
 * while a {@link NodeGate} holds the response, although `started` is true by then.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createSessions, memoryStore, nodeExchange } from '@holdfast/core'
 *
 * const sessions = createSessions({ store: memoryStore() })
 * createServer().on('upgrade', async (request) => {
 *   const session = await sessions.open(nodeExchange(request))
 *   console.log(session.subject)
 * })
 * ```
 */
export function nodeExchange(
  request: NodeRequest,
  response?: NodeResponse,
  options: NodeExchangeOptions = {},
): NodeExchange {
  return response === undefined
    ? new RequestExchange(request, options)
    : new ResponseExchange(request, options, response)
}

class RequestExchange implements NodeExchange {
  readonly carrier: NodeRequest
  readonly #secure: boolean | undefined
  readonly #address: string | undefined
  declare onUse?: () => void

  constructor(request: NodeRequest, { secure, address }: NodeExchangeOptions) {
    this.carrier = request
    this.#secure = secure
    this.#address = address
  }

  header(name: string): string | undefined {
    return requestHeader(this.carrier, name)
  }

  get address(): string | undefined {
    return this.#address ?? this.carrier.socket.remoteAddress
  }

  get secure(): boolean {
    return this.#secure ?? isSecureSocket(this.carrier)
  }
}

class ResponseExchange extends RequestExchange {
  readonly #response: NodeResponse

  constructor(request: NodeRequest, options: NodeExchangeOptions, response: NodeResponse) {
    super(request, options)
    this.#response = response
  }

  get started(): boolean {
    return isResponseStarted(this.#response)
  }

  appendHeader(name: string, value: string): void {
    appendResponseHeader(this.#response, name, value)
  }
}

/** Answers a header of a request. */
export function requestHeader({ headers }: NodeRequest, name: string): string | undefined {
  const value = headers[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(', ') : undefined
}

/** Says whether a request came over TLS, as far as this process can tell by itself. */
export function isSecureSocket({ socket }: NodeRequest): boolean {
  return socket.encrypted === true
}
