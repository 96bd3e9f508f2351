import { connect, type Socket } from 'node:net'

/** A connection that shows the very bytes that come back. */
export class RawClient {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  readonly #closed: Promise<unknown>
  /** When the first byte arrived, by `performance.now()`. */
  firstByteAt: number | undefined

  constructor(port: number, requests: string) {
    this.socket = connect({ port, host: '127.0.0.1' })
    this.socket.on('data', (chunk) => {
      this.firstByteAt ??= performance.now()
      this.#chunks.push(chunk)
    })
    // A reset is one way in which a response may end; what arrived before it counts.
    this.socket.on('error', () => undefined)
    this.#closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.write(requests)
  }

  /** What has arrived so far, with the date made constant. */
  get text(): string {
    return Buffer.concat(this.#chunks)
      .toString('latin1')
      .replaceAll(/^Date: .*$/gm, 'Date: *')
  }

  /** Waits for the server to close the connection, and answers all that arrived. */
  async all(): Promise<string> {
    await this.#closed
    return this.text
  }

  /** Waits until the text matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.socket.closed) throw new Error(`closed after ${JSON.stringify(this.text)}`)
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.#closed])
    }
    return this.text
  }
}

/** The text of a request; the last one of a connection should be told to close it. */
export function requestText(method = 'GET', headers: readonly string[] = ['Connection: close']): string {
  return [`${method} / HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n')
}
