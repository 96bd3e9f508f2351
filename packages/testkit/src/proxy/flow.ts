import type { Socket } from 'node:net'

/** What happens to the bytes of one direction. */
export type Treatment =
  | { readonly type: 'pass' }
  /** They come later, in milliseconds. */
  | { readonly type: 'delay'; readonly by: number }
  /** They wait, and go on in order once they may. */
  | { readonly type: 'hold' }
  /** They vanish, and with them all that follow: a stream with a hole is none. */
  | { readonly type: 'swallow' }

/** What becomes of bytes that may pass. */
export interface Passage {
  readonly forward: Buffer
  /** Whether the connection is cut behind them. */
  readonly isLast: boolean
}

interface Arrival {
  /** Or how the stream ended. */
  readonly bytes: Buffer | 'end' | 'reset'
  readonly at: number
}

/** How many bytes may wait before the sender is made to wait as well. */
const MOST_WAITING = 1 << 20

/** One direction of a connection. */
export class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #treatment: () => Treatment
  readonly #pass: (bytes: Buffer) => Passage
  readonly #arrivals: Arrival[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined
  #hasHole = false

  /**
   * @param treatment what happens to bytes now
   * @param pass told of bytes that pass, decides what becomes of them
   */
  constructor(from: Socket, to: Socket, treatment: () => Treatment, pass: (bytes: Buffer) => Passage) {
    this.#from = from
    this.#to = to
    this.#treatment = treatment
    this.#pass = pass
    from.on('data', (bytes: Buffer) => this.#arrive(bytes))
    from.on('end', () => this.#arrive('end'))
    from.on('close', (hadError) => hadError && this.#arrive('reset'))
    from.on('error', () => {})
    to.on('drain', () => this.advance())
    to.on('close', () => this.#forget())
  }

  /** Lets go on what may, after the treatment has changed. */
  advance(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let next = this.#arrivals[0]; next !== undefined; next = this.#arrivals[0]) {
      const treatment = this.#hasHole ? SWALLOW : this.#treatment()
      if (treatment.type === 'hold') break
      const early = treatment.type === 'delay' ? next.at + treatment.by - performance.now() : 0
      if (early > 0) {
        this.#timer = setTimeout(() => this.advance(), Math.ceil(early))
        break
      }
      this.#arrivals.shift()
      if (typeof next.bytes !== 'string') this.#waitingBytes -= next.bytes.length
      if (treatment.type === 'swallow') this.#hasHole = true
      else this.#send(next.bytes)
    }
    if (this.#waitingBytes < MOST_WAITING && !this.#to.writableNeedDrain) this.#from.resume()
  }

  #arrive(bytes: Arrival['bytes']): void {
    this.#arrivals.push({ bytes, at: performance.now() })
    if (typeof bytes !== 'string') this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= MOST_WAITING) this.#from.pause()
    if (this.#timer === undefined) this.advance()
  }

  #send(bytes: Arrival['bytes']): void {
    if (this.#to.destroyed) return
    if (bytes === 'reset') this.#to.resetAndDestroy()
    else if (bytes === 'end') this.#to.end()
    else this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    const { forward, isLast } = this.#pass(bytes)
    if (isLast) {
      this.#forget()
      this.#from.destroy()
      this.#to.end(forward, () => this.#to.destroy())
    } else if (!this.#to.write(forward)) this.#from.pause()
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#arrivals.length = 0
  }
}

const SWALLOW: Treatment = { type: 'swallow' }
