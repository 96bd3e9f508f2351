/**
 * What a binding shows the engine of one request and its response. Nothing else of a framework reaches the engine.
 */
export interface Exchange {
  /** The request header of that lower-case name. Several `Cookie` headers are joined by `'; '`. */
  header(name: string): string | undefined
  /** Whether the client reached us over TLS, as far as the framework trusts what it is told. */
  readonly secure: boolean
  /** The client's address, as far as the framework trusts what it is told. Only its network is ever kept. */
  readonly address?: string | undefined
  /**
   * Adds a response header. `Set-Cookie` replaces one of ours with the same cookie name, `Vary` is merged,
   * `Cache-Control` and all others replace what is there ({@link mergeHeader} does this for you). Absent where no
   * response can carry headers (a WebSocket upgrade): then a commit that needs one throws `ERR_NO_RESPONSE`.
   */
  appendHeader?(name: string, value: string): void
  /** Whether the response has started, so that no header can be added. Absent means never. */
  readonly started?: boolean
  /** Whether headers added now would be lost, where that is not the same as `started`. @default as `started` */
  readonly headersSent?: boolean
  /** The object by which `sessions.of` finds the handle: the request of `node:http`. */
  readonly carrier?: object
  /** Called once, when the handler first uses the session, before that use returns. A binding arms its gate here. */
  onUse?(): void
}
