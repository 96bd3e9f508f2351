/** A client like a browser: it keeps the cookies that it is given, and sends them with foreign ones. */
import type { Answer } from '../../contenders/contender.ts'
import type { Shot } from '../scenarios.ts'
import { HttpConnection, type HttpResponse } from './http-connection.ts'
import { requestText } from './request-text.ts'

export class Client {
  readonly #connection: HttpConnection
  readonly #host: string
  readonly #jar = new Map<string, string>()

  private constructor(connection: HttpConnection, host: string) {
    this.#connection = connection
    this.#host = host
  }

  static async connect(port: number): Promise<Client> {
    return new Client(await HttpConnection.open(port), `127.0.0.1:${port}`)
  }

  /** The cookies it has, as one header would carry them. */
  get cookie(): string | undefined {
    return this.#jar.size === 0 ? undefined : [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Forgets its cookies. */
  forget(): void {
    this.#jar.clear()
  }

  /** Sends a request, and answers what came back as JSON. */
  async send(method: Shot['method'], path: string): Promise<Answer> {
    const response = await this.#connection.send(requestText({ method, path, cookie: this.cookie }, this.#host))
    if (response.status !== 200) throw new Error(`${method} ${path} was answered ${response.status}: ${response.body}`)
    this.#keepCookies(response)
    return JSON.parse(response.body.slice(response.body.indexOf('{'), response.body.lastIndexOf('}') + 1)) as Answer
  }

  close(): void {
    this.#connection.close()
  }

  #keepCookies({ head }: HttpResponse): void {
    for (const [, name = '', value = '', attributes = ''] of head.matchAll(
      /\r\nset-cookie: ([^=]+)=([^;\r]*)([^\r]*)/gi,
    )) {
      const isOver = value === '' || /max-age=0/i.test(attributes) || /expires=thu, 01 jan 1970/i.test(attributes)
      if (isOver) this.#jar.delete(name)
      else this.#jar.set(name, value)
    }
  }
}
