import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A client of a server that answers line by line. */
export class LineClient {
  /** Resolves when the connection has ended, in whatever way. */
  readonly closed: Promise<void>
  /** What came and was not yet taken. */
  rest = ''
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.rest += text
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static async connect(port: number): Promise<LineClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new LineClient(socket)
  }

  send(text: string): void {
    this.#socket.write(text)
  }

  /** Sends a line and waits for the next one that comes. */
  ask(line: string): Promise<string> {
    this.send(`${line}\n`)
    return this.line()
  }

  /** Waits for a line and takes it. */
  async line(): Promise<string> {
    for (let end = this.rest.indexOf('\n'); ; end = this.rest.indexOf('\n')) {
      if (end >= 0) {
        const line = this.rest.slice(0, end)
        this.rest = this.rest.slice(end + 1)
        return line
      }
      if (this.#socket.destroyed) throw new Error(`The connection ended after "${this.rest}".`)
      await Promise.race([once(this.#socket, 'data'), this.closed])
    }
  }

  /** Tells whether no line is complete after that many milliseconds. */
  async isSilentFor(duration: number): Promise<boolean> {
    await sleep(duration)
    return !this.rest.includes('\n')
  }

  close(): void {
    this.#socket.destroy()
  }
}
