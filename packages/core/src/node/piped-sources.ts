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
  #isDropped = false

  constructor(response: NodeResponse) {
    this.#response = response
    response.on('pipe', (source: Source) => this.#add(source))
  }

  /** Lets go of all of them, and of those that come when the response has ended without them. */
  drop(): void {
    this.#isDropped = true
    for (const source of this.#sources ?? []) this.#dropOne(source)
  }

  /**
   * Stops a source at once and destroys it when the response has closed: a `pipeline` destroys both of its ends when
   * one of them is destroyed, and this response still has an error to tell.
   */
  #dropOne(source: Source): void {
    source.unpipe?.(this.#response)
    if (this.#response.destroyed) source.destroy?.()
    else this.#response.once('close', () => source.destroy?.())
  }

  #add(source: Source): void {
    if (this.#isDropped) {
      if (this.#response.writableEnded) this.#dropOne(source)
      return
    }
    if (this.#sources === undefined) {
      this.#sources = new Set()
      this.#response.on('unpipe', (gone: Source) => this.#sources?.delete(gone))
    }
    this.#sources.add(source)
  }
}
