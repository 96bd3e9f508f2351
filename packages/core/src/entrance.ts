/** Where requests enter an engine, whatever lies behind: their handles are made here, and found again. */
import { UsageError } from './contracts/errors.ts'
import type { Exchange } from './contracts/exchange.ts'
import type { Transport } from './contracts/transport.ts'
import { type Handles, createHandles } from './handles.ts'
import { hearingOf, tell } from './mechanisms/events.ts'
import type { LoadMode } from './options/options.ts'
import type { EngineParts } from './request/engine-parts.ts'
import { RequestSession } from './request/request-session.ts'
import type { Carriage } from './request/response-headers.ts'
import { requestSessionOf } from './session.ts'

const areRejectionsHeard = hearingOf('holdfast:rejected')

/** How one request's session is opened. */
export interface OpenOptions {
  /** @default the engine's `load` option */
  readonly load?: LoadMode
  /** Whether the request does not count as use of the session, such as polling. It may still change it. @default false */
  readonly passive?: boolean
}

/** The end of a request's handling, as a binding tells it. */
export interface FinishTerms {
  /** The status that the response is about to start with. From 500 on, changes are dropped unless `saveOn5xx`. */
  readonly status: number
}

/** What bindings call, for handles of one kind. */
export interface Entrance<Handle> {
  open(exchange: Exchange, options?: OpenOptions): Handle | Promise<Handle>
  finish(session: Handle, terms: FinishTerms): Promise<void> | undefined
  abandon(session: Handle): void
  of(carrier: object): Handle
  /** Lets nobody in any more. */
  shut(): void
}

export interface EntranceTerms {
  readonly transports: readonly Transport[]
  /** How sessions are loaded where nothing is said. */
  readonly load: LoadMode
}

export function createEntrance<Handle extends object>(
  parts: EngineParts,
  terms: EntranceTerms,
  createHandle: (request: RequestSession) => Handle,
): Entrance<Handle> {
  const { transports } = terms
  const vary = transports.map((transport) => transport.vary).join(', ')
  const handles = createHandles<Handle>()
  let isShut = false

  function begin(exchange: Exchange): Handle {
    if (isShut) {
      throw new UsageError(
        'ERR_CLOSED',
        'A session was opened after `sessions.close()`. Stop accepting requests first.',
      )
    }
    const session = createHandle(new RequestSession(parts, presented(transports, exchange, vary)))
    if (exchange.carrier !== undefined) handles.set(exchange.carrier, session)
    return session
  }

  return {
    open: (exchange, { load = terms.load, passive = false } = {}) => {
      const session = (exchange.carrier && handles.get(exchange.carrier)) ?? begin(exchange)
      const request = requestSessionOf(session as never)
      if (passive) request.makePassive()
      const opening = load === 'lazy' ? undefined : request.open(load === 'strict')
      return opening === undefined ? session : opening.then(() => session)
    },
    finish: (session, { status }) => requestSessionOf(session as never).finish(status),
    abandon: (session) => requestSessionOf(session as never).abandon(),
    of: (carrier) => {
      const session = handles.get(carrier) ?? handleOfWrapped(handles, carrier)
      if (session !== undefined) return session
      throw new UsageError(
        'ERR_NOT_MOUNTED',
        'This request has no session, since it has not passed through the binding of this engine. Mount the binding ' +
          'before the routes that use it.',
      )
    },
    shut: () => {
      isShut = true
    },
  }
}

const NO_TOKENS: readonly string[] = []

/** The first transport that carries a token takes the answer too; without a token the first one does. */
function presented(transports: readonly Transport[], exchange: Exchange, vary: string): Carriage {
  for (const transport of transports) {
    const tokens = transport.candidates(exchange)
    if (tokens.length > 0) return { exchange, transport, tokens, vary }
    if (areRejectionsHeard() && transport.carries(exchange)) tell('holdfast:rejected', { reason: 'malformed' })
  }
  return { exchange, transport: transports[0]!, tokens: NO_TOKENS, vary }
}

/** Requests of Fastify and contexts of Koa have the request of Node with them. */
function handleOfWrapped<Handle>(handles: Handles<Handle>, carrier: object): Handle | undefined {
  const { raw, req } = carrier as { readonly raw?: object; readonly req?: object }
  return (raw && handles.get(raw)) ?? (req && handles.get(req))
}
