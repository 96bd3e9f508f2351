import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type NodeExchange, nodeExchange } from '../node-exchange.ts'
import { type GateControl, NodeGate } from '../node-gate.ts'
import { RawClient, requestText } from './raw-client.ts'

/** What a test does at the two ends of a gate. */
export interface GatedOptions {
  /** Comes before the gate is made. */
  readonly prepare?: (response: ServerResponse) => void
  readonly handle: (response: ServerResponse, parts: GatedParts) => unknown
  readonly finish: (parts: GatedParts, status: number) => ReturnType<GateControl['finish']>
  /** @default answers 503 with the text of the error */
  readonly fail?: (response: ServerResponse, error: unknown) => void
}

export interface GatedParts {
  readonly request: IncomingMessage
  readonly exchange: NodeExchange
  readonly gate: NodeGate
}

/** A server all of whose responses have a gate. */
export interface GatedServer {
  readonly server: Server
  /** The errors that a gate has handed on. */
  readonly failures: unknown[]
  /** Sends bytes over a connection of its own. */
  request(text?: string): RawClient
  close(): void
}

export async function gatedServer({ prepare, handle, finish, fail = answerError }: GatedOptions): Promise<GatedServer> {
  const failures: unknown[] = []
  const server = createServer((request, response) => {
    prepare?.(response)
    const exchange = nodeExchange(request, response)
    const gate: NodeGate = new NodeGate(response, {
      finish: (status) => finish({ request, exchange, gate }, status),
      fail(error) {
        failures.push(error)
        fail(response, error)
      },
    })
    gate.arm()
    handle(response, { request, exchange, gate })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    failures,
    request: (text = requestText()) => new RawClient((server.address() as AddressInfo).port, text),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answerError(response: ServerResponse, error: unknown): void {
  response.statusCode = 503
  response.end(String(error))
}

/** A promise to be settled by hand. */
export interface Deferred<Value = void> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

export function deferred<Value = void>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }))
  return { promise, ...settle! }
}
