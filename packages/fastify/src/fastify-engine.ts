import type { Exchange, FinishTerms, OpenOptions } from '@holdfast/core'

/** What the plugin uses of an engine, whatever its sessions hold. */
export interface FastifyEngine {
  open(exchange: Exchange, options?: OpenOptions): object
  finish(session: never, terms: FinishTerms): Promise<void> | undefined
  abandon(session: never): void
  of(carrier: object): object
}
