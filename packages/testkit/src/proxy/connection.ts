import { type Socket, connect } from 'node:net'

import { Flow, type Passage, type Treatment } from './flow.ts'
import type { Exchange, ProxiedConnection } from './strike.ts'

/** Where bytes go: up to the server, or down to the client. */
export type Direction = 'up' | 'down'

/** What a {@link Connection} asks its proxy. */
export interface Rules {
  readonly target: { readonly port: number; readonly host: string }
  treatment(direction: Direction, connection: ProxiedConnection): Treatment
  reply(exchange: Exchange): Passage
  count(direction: Direction, bytes: number): void
}

const OPENING = 4 << 10
const REQUEST = 64 << 10

/** A client's connection and the one to the server that belongs to it. */
export class Connection implements ProxiedConnection {
  readonly number: number
  opening: Buffer = Buffer.alloc(0)
  /** How often the client spoke after the server: what it did not send together. */
  roundTrips = 0
  readonly #client: Socket
  readonly #server: Socket
  readonly #up: Flow
  readonly #down: Flow
  #request: Buffer = Buffer.alloc(0)

  constructor(number: number, client: Socket, rules: Rules) {
    this.number = number
    this.#client = client
    this.#server = connect({ ...rules.target, allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    // Before the flows, so that they know a connection by the bytes that they judge.
    client.on('data', (bytes: Buffer) => {
      if (this.opening.length < OPENING) this.opening = Buffer.concat([this.opening, bytes]).subarray(0, OPENING)
    })
    this.#up = new Flow(
      client,
      this.#server,
      () => rules.treatment('up', this),
      (bytes) => {
        rules.count('up', bytes.length)
        if (this.#request.length === 0) this.roundTrips++
        this.#request = Buffer.concat([this.#request, bytes]).subarray(-REQUEST)
        return { forward: bytes, isLast: false }
      },
    )
    this.#down = new Flow(
      this.#server,
      client,
      () => rules.treatment('down', this),
      (reply) => {
        const passage = rules.reply({ connection: this, request: this.#request, reply })
        rules.count('down', passage.forward.length)
        this.#request = Buffer.alloc(0)
        return passage
      },
    )
  }

  /** Lets go on what may, after a rule has changed. */
  advance(): void {
    this.#up.advance()
    this.#down.advance()
  }

  /** Resets both sides. */
  drop(): void {
    this.#client.resetAndDestroy()
    this.#server.resetAndDestroy()
  }
}
