import { type Exchange, type MountableSessions, mergeHeader } from '@holdfast/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { destroyPayload, isResponse, isStream } from './payload.ts'
import type { ReplyHeaders } from './reply-headers.ts'

/** One request and its reply: what the engine sees of them, and what a commit does to them. */
export class FastifyVisit implements Exchange {
  readonly carrier: object
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #before: ReplyHeaders
  readonly #headersOf: (reply: FastifyReply) => ReplyHeaders
  readonly #engine: MountableSessions
  #phase: 'open' | 'sending' | 'failed' = 'open'
  #isUsed = false
  #isHeld = false

  constructor(
    engine: MountableSessions,
    request: FastifyRequest,
    reply: FastifyReply,
    headersOf: (reply: FastifyReply) => ReplyHeaders,
  ) {
    this.#engine = engine
    this.carrier = request.raw
    this.#request = request
    this.#reply = reply
    this.#headersOf = headersOf
    this.#before = headersOf(reply)
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    if (typeof value === 'string') return value
    return Array.isArray(value) ? value.join(', ') : undefined
  }

  get address(): string | undefined {
    return this.#request.ip
  }

  get secure(): boolean {
    return this.#request.protocol === 'https'
  }

  /** `sent` is true also for a reply that was hijacked. */
  get started(): boolean {
    return this.#phase !== 'open' || this.#reply.sent || this.#reply.raw.headersSent
  }

  /** A reply that was hijacked may still have its headers before it. */
  get headersSent(): boolean {
    return this.#reply.raw.headersSent
  }

  get handle(): never {
    return this.#engine.of(this.carrier) as never
  }

  /** Whether the commit failed, so that the reply belongs to the error handler. */
  get hasFailed(): boolean {
    return this.#phase === 'failed'
  }

  onRead(): void {
    this.#isUsed = true
  }

  onUse(): void {
    this.#isUsed = true
    this.#reply.raw.on('close', () => {
      // The client may also have gone away before the handler has replied: then its reply still commits.
      if (this.#phase === 'open' && this.#reply.sent) this.#engine.abandon(this.handle)
    })
  }

  appendHeader(name: string, value: string): void {
    const reply = this.#reply
    const key = KEYS[name] ?? name
    const existing = reply.getHeader(key)
    const merged = mergeHeader(key, existing, value)
    // `reply.header` adds cookies to those that are there.
    if (existing !== undefined) reply.removeHeader(key)
    reply.header(key, merged)
    // A reply that is hijacked after this commit never sends the headers of Fastify, only those of Node.
    if (this.#phase === 'open' && !reply.raw.headersSent) reply.raw.setHeader(name, merged)
  }

  /**
   * Lets the reply begin, and answers the payload to go on with.
   *
   * Fastify lays the status and headers of a `Response` over the reply after all hooks; done here, ours are the last.
   */
  begin(payload: unknown): unknown {
    this.#phase = 'sending'
    if (!this.#isUsed || !isResponse(payload) || payload.bodyUsed) return payload
    this.#reply.code(payload.status)
    for (const [name, value] of payload.headers) this.#reply.header(name, value)
    return payload.body
  }

  /** Whether the commit is under way: {@link coverReplies} makes the reply look sent meanwhile. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Keeps the reply until {@link release}. */
  hold(payload: unknown): void {
    this.#isHeld = true
    // Fastify listens for the errors of a stream only once it sends it. A stream that failed keeps its error till then.
    if (isStream(payload)) payload.on('error', ignore)
  }

  /** Lets the held reply go on. */
  release(): void {
    this.#isHeld = false
  }

  /** Takes back what the handler and the commit made of the reply, so that the error handler starts afresh. */
  withdraw(payload: unknown, error: unknown): void {
    this.release()
    this.#phase = 'failed'
    destroyPayload(payload)
    const reply = this.#reply
    for (const [name] of this.#headersOf(reply)) reply.removeHeader(name)
    for (const [name, value] of this.#before) reply.header(name, value)
    reply.code(statusOf(error))
  }
}

/** What Fastify makes of the names of our headers, each time anew where it gets them otherwise. */
const KEYS: Readonly<Record<string, string>> = {
  'Cache-Control': 'cache-control',
  'Set-Cookie': 'set-cookie',
  Vary: 'vary',
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500
}

function ignore(): void {}
