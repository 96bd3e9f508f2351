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
  /**
   * Called once, when the handler first reads the session, and the end of the request will have nothing to wait for
   * unless {@link onUse} follows. A binding that has it must call `sessions.finish` before the head of the response
   * leaves. @default {@link onUse} is called at the first read too
   */
  onRead?(): void
  /**
   * Called once, before the first use of the session returns for which the end of the request may have to wait: a change
   * mostly. A binding arms its gate here.
   */
  onUse?(): void
}
