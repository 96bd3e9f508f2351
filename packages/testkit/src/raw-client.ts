import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** What came back on a {@link RawClient}'s connection for one request. */
export interface RawResponse {
  readonly status: number
  /** The head as it came, status line included. */
  readonly head: string
  readonly body: string
}

/** A connection that sends the very bytes it is told to, and notes when the first byte came back. */
export class RawClient {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #received = ''
  #firstByteAt: number | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#firstByteAt ??= performance.now()
      this.#received += text
    })
    // A server may cut off what it does not want to read; what it said before counts.
    socket.on('error', () => {})
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** When the first byte came, by `performance.now()`. */
  get firstByteAt(): number | undefined {
    return this.#firstByteAt
  }

  /** Sends text, one byte for each character. */
  send(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** Waits until the server closes the connection. Answers all that came. */
  async all(): Promise<string> {
    await this.#closed
    return this.#received
  }

  /** Waits for that many responses that tell their Content-Length, and takes them out. */
  async take(count: number): Promise<RawResponse[]> {
    const responses: RawResponse[] = []
    while (responses.length < count) {
      const next = this.#cut()
      if (next !== undefined) responses.push(next)
      else if (this.#socket.readyState === 'closed') throw new Error(`The server hung up: ${this.#received}`)
      else await Promise.race([once(this.#socket, 'data'), this.#closed])
    }
    return responses
  }

  #cut(): RawResponse | undefined {
    const bodyAt = this.#received.indexOf('\r\n\r\n') + 4
    if (bodyAt < 4) return undefined
    const head = this.#received.slice(0, bodyAt)
    const length = Number(/^content-length: *(\d+)\r$/im.exec(head)?.[1] ?? 0)
    if (this.#received.length < bodyAt + length) return undefined
    const body = this.#received.slice(bodyAt, bodyAt + length)
    this.#received = this.#received.slice(bodyAt + length)
    return { status: Number(head.split(' ', 2)[1]), head, body }
  }

  close(): void {
    this.#socket.destroy()
  }
}
