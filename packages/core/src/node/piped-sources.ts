import type { NodeResponse } from './node-types.ts'

/** A stream that is piped into a response. */
interface Source {
  unpipe?(destination: unknown): unknown
  destroy?(): unknown
}

/** Knows which streams are piped into a response, so that they can be let go of. */
export class PipedSources {
  readonly #response: NodeResponse
  #sources: Set<Source> | undefined

  constructor(response: NodeResponse) {
    this.#response = response
    response.on('pipe', (source: Source) => this.#add(source))
  }

  /**
   * Stops all of them at once, and destroys them when the response has closed: a `pipeline` destroys both of its ends
   * when one of them is destroyed, and this response still has an error to tell.
   */
  drop(): void {
    for (const source of this.#sources ?? []) this.dropOne(source)
  }

  dropOne(source: Source): void {
    source.unpipe?.(this.#response)
    if (this.#response.destroyed) source.destroy?.()
    else this.#response.once('close', () => source.destroy?.())
  }

  #add(source: Source): void {
    if (this.#sources === undefined) {
      this.#sources = new Set()
      this.#response.on('unpipe', (gone: Source) => this.#sources?.delete(gone))
    }
    this.#sources.add(source)
  }
}
