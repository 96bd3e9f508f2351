import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** What came back. */
export interface HttpResponse {
  readonly status: number
  /** The head, status line included. */
  readonly head: string
  readonly body: string
}

const HEAD_END = '\r\n\r\n'
const CHUNKS_END = '0\r\n\r\n'

/**
 * A kept connection that sends one request at a time, with as little of its own as possible: latencies are measured
 * through it, in microseconds.
 */
export class HttpConnection {
  readonly #socket: Socket
  #received = ''
  #waiting: { resolve: (response: HttpResponse) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#settle()
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The server hung up.')))
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  static openAll(port: number, count: number): Promise<HttpConnection[]> {
    return Promise.all(Array.from({ length: count }, () => HttpConnection.open(port)))
  }

  get isFree(): boolean {
    return this.#waiting === undefined
  }

  /** Sends a request and waits for its response. */
  send(text: string): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(text, 'latin1')
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #settle(): void {
    const headEnd = this.#received.indexOf(HEAD_END)
    if (headEnd === -1) return
    const head = this.#received.slice(0, headEnd)
    const start = headEnd + HEAD_END.length
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    // What servers here send without a length is chunked.
    if (length === undefined ? !this.#received.endsWith(CHUNKS_END) : this.#received.length < start + Number(length))
      return
    const response = { status: Number(head.slice(9, 12)), head, body: this.#received.slice(start) }
    const waiting = this.#waiting
    this.#received = ''
    this.#waiting = undefined
    waiting?.resolve(response)
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
