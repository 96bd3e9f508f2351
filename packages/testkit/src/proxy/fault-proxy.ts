import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

import { freePort } from '../servers/free-port.ts'
import { Connection, type Direction } from './connection.ts'
import type { Treatment } from './flow.ts'
import {
  cutBefore,
  cutInHalf,
  type Exchange,
  loseAll,
  loseSecondHalf,
  type ProxiedConnection,
  type Strike,
  type Which,
} from './strike.ts'

/** What is treated; all by default. */
export interface Scope {
  /** @default both */
  readonly direction?: Direction
  /** Picks connections, also those to come. */
  readonly only?: (connection: ProxiedConnection) => boolean
}

/** A way to a server of which any part can be made to fail. It is right after {@link FaultProxy.pass}. */
export interface FaultProxy {
  readonly port: number
  /** Answers an address with the proxy in place of the server. */
  urlOf(serverUrl: string): string
  /** Ends every fault, also those that wait for their reply; what was held goes on. Resolves when it listens. */
  pass(): Promise<void>
  /** Lets bytes come later, in milliseconds for each direction. */
  delay(by: number, scope?: Scope): void
  /** Lets bytes wait until {@link FaultProxy.pass}, as a network does that comes back. Connections are accepted. */
  hold(scope?: Scope): void
  /** Swallows bytes. A connection that lost some stays mute for good, as one does whose router forgot it. */
  swallow(scope?: Scope): void
  /** Listens no more: new connections are refused. Those that there are go on. */
  refuse(): void
  /** Forwards half of the next reply and closes the connection. Resolves when it has happened. */
  cutNextReply(which?: Which): Promise<Exchange>
  /** Closes the connection in place of the next reply. Resolves when it has happened. */
  cutBeforeNextReply(which?: Which): Promise<Exchange>
  /** Loses the second half of the next reply and goes on. Resolves when it has happened. */
  loseHalfOfNextReply(which?: Which): Promise<Exchange>
  /** Loses the next reply and goes on. Resolves when it has happened. */
  loseNextReply(which?: Which): Promise<Exchange>
  /** Resets connections. */
  dropConnections(only?: (connection: ProxiedConnection) => boolean): void
  /** How many connections are open. */
  readonly connectionCount: number
  /** How many were ever opened. */
  readonly connectionsMade: number
  /** What was forwarded, up to the server and down to the clients. */
  readonly bytes: Readonly<Record<Direction, number>>
  /** How often a client spoke after it had been answered, over all connections. */
  readonly roundTrips: number
  stop(): Promise<void>
}

/** Starts a {@link FaultProxy} on 127.0.0.1. */
export async function faultProxy(target: { readonly port: number; readonly host?: string }): Promise<FaultProxy> {
  const connections = new Set<Connection>()
  const bytes = { up: 0, down: 0 }
  let made = 0
  let pastRoundTrips = 0
  let treatment: Treatment = PASS
  let scope: Scope = {}
  let strikes: Strike[] = []

  const treat = (next: Treatment, where: Scope = {}): void => {
    treatment = next
    scope = where
    for (const connection of connections) connection.advance()
  }
  const strikeNext = (alter: Strike['alter'], which: Which = () => true): Promise<Exchange> =>
    new Promise((tell) => {
      strikes.push({ which, alter, tell })
    })
  const rules = {
    target: { port: target.port, host: target.host ?? '127.0.0.1' },
    treatment: (direction: Direction, connection: ProxiedConnection): Treatment => {
      const isMeant = (scope.direction ?? direction) === direction && (scope.only?.(connection) ?? true)
      return isMeant ? treatment : PASS
    },
    reply: (exchange: Exchange) => {
      const strike = strikes.find(({ which }) => which(exchange))
      if (strike === undefined) return { forward: exchange.reply, isLast: false }
      strikes = strikes.filter((other) => other !== strike)
      strike.tell(exchange)
      return strike.alter(exchange.reply)
    },
    count: (direction: Direction, length: number) => {
      bytes[direction] += length
    },
  }
  const dropConnections = (only: (connection: ProxiedConnection) => boolean = () => true): void => {
    for (const connection of connections) if (only(connection)) connection.drop()
  }

  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const connection = new Connection(++made, client, rules)
    connections.add(connection)
    client.on('close', () => {
      connections.delete(connection)
      pastRoundTrips += connection.roundTrips
    })
  })
  const port = await freePort()
  const listen = async (): Promise<void> => {
    if (!server.listening) await once(server.listen(port, '127.0.0.1'), 'listening')
  }
  await listen()

  return {
    port,
    bytes,
    urlOf: (serverUrl) => {
      const url = new URL(serverUrl)
      url.host = `127.0.0.1:${port}`
      return url.href
    },
    pass: async () => {
      strikes = []
      treat(PASS)
      await listen()
    },
    delay: (by, where) => treat({ type: 'delay', by }, where),
    hold: (where) => treat({ type: 'hold' }, where),
    swallow: (where) => treat({ type: 'swallow' }, where),
    refuse: () => void server.close(),
    cutNextReply: (which) => strikeNext(cutInHalf, which),
    cutBeforeNextReply: (which) => strikeNext(cutBefore, which),
    loseHalfOfNextReply: (which) => strikeNext(loseSecondHalf, which),
    loseNextReply: (which) => strikeNext(loseAll, which),
    dropConnections,
    get connectionCount() {
      return connections.size
    },
    get connectionsMade() {
      return made
    },
    get roundTrips() {
      return [...connections].reduce((sum, { roundTrips }) => sum + roundTrips, pastRoundTrips)
    },
    stop: async () => {
      const closed = server.listening ? once(server, 'close') : undefined
      server.close()
      dropConnections()
      await closed
    },
  }
}

const PASS: Treatment = { type: 'pass' }
