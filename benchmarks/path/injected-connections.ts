/** Connections of a server that lead nowhere: requests come from, and responses go to, this very process. */
import type { Server } from 'node:http'
import { Duplex } from 'node:stream'

const END_OF_JSON = '}'.charCodeAt(0)
const NOTHING = (): void => {}

/** One kept-alive connection. Everything that Node does for a connection is done, but for the kernel's part. */
class InjectedConnection extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  #onAnswer: (head: string) => void = NOTHING
  #head = ''

  /** Sends a request. The callback gets the head of the response, once its last byte has been written. */
  ask(request: Buffer, onAnswer: (head: string) => void): void {
    this.#onAnswer = onAnswer
    this.#head = ''
    this.push(request)
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.#take(chunk)
    done()
  }

  override _writev(chunks: { chunk: Buffer | string }[], done: () => void): void {
    for (const { chunk } of chunks) this.#take(chunk)
    done()
  }

  setTimeout(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  /** All responses are JSON objects, and nothing else of them ends with a brace. */
  #take(chunk: Buffer | string): void {
    if (this.#head === '') this.#head = chunk.toString()
    const last = typeof chunk === 'string' ? chunk.charCodeAt(chunk.length - 1) : chunk.at(-1)
    if (last === END_OF_JSON) this.#onAnswer(this.#head)
  }
}

export type Ask = (request: Buffer, onAnswer: (head: string) => void) => void

/** Opens connections to a server. */
export function connectInside(server: Server, count: number): readonly Ask[] {
  return Array.from({ length: count }, () => {
    const connection = new InjectedConnection({ decodeStrings: false, emitClose: false })
    server.emit('connection', connection)
    return (request: Buffer, onAnswer: (head: string) => void) => connection.ask(request, onAnswer)
  })
}

/** Sends requests over all connections at once until so many have been answered: a turn of the event loop for each wave. */
export function ask(connections: readonly Ask[], requests: readonly Buffer[], count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let begun = 0
    let answered = 0
    const next = (send: Ask): void => {
      if (begun >= count) return
      send(requests[begun++ % requests.length]!, (head) => {
        if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`A request failed: ${head}`))
        if (++answered === count) return resolve()
        setImmediate(next, send)
      })
    }
    for (const send of connections) next(send)
  })
}
