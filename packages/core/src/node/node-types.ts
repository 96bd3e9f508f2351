/**
 * What the library uses of the objects of `node:http`. A real `IncomingMessage` and `ServerResponse`, those of
 * `node:http2`'s compatibility layer and the requests and responses of Express and Koa all fit, and no published type
 * mentions `@types/node`.
 */

/** A request of `node:http`. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: {
    readonly encrypted?: boolean
    readonly destroyed?: boolean
    readonly remoteAddress?: string | undefined
  }
}

/** A response of `node:http`. */
export interface NodeResponse {
  statusCode: number
  statusMessage: string
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly destroyed: boolean
  getHeader(name: string): number | string | readonly string[] | undefined
  getHeaderNames(): string[]
  setHeader(name: string, value: number | string | readonly string[]): unknown
  removeHeader(name: string): void
  writeHead(...values: never[]): unknown
  flushHeaders?(): void
  write(...values: never[]): boolean
  end(...values: never[]): unknown
  destroy(error?: Error): unknown
  emit(event: string, ...values: never[]): boolean
  on<Values extends unknown[]>(event: string, listener: (...values: Values) => void): unknown
  once<Values extends unknown[]>(event: string, listener: (...values: Values) => void): unknown
}
