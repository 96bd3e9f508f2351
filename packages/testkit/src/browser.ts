import { Agent, type IncomingMessage, request as requestPlain } from 'node:http'
import { Agent as SecureAgent, request as requestSecure } from 'node:https'

/** What a {@link Browser} sends. */
export interface PageRequest {
  /** @default 'GET' */
  readonly method?: string
  readonly path: string
  /** The Cookie header instead of what the jar holds; `undefined` for none. */
  readonly cookie?: string | undefined
  /** Another server that the jar's cookies are sent to. @default the browser's own */
  readonly url?: string
}

/** What came back. */
export interface Page {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Every Set-Cookie header. */
  readonly setCookies: readonly string[]
  readonly body: string
  /** The body, parsed. */
  json<Value>(): Value
  /** From the sending to the last byte, in milliseconds. */
  readonly duration: number
}

/** Connections that browsers share. */
export interface Connections {
  readonly plain: Agent
  readonly secure: SecureAgent
  close(): void
}

/** Opens keep-alive connections. `authority` is a certificate to trust, for https. */
export function connections(authority?: string): Connections {
  const plain = new Agent({ keepAlive: true })
  const secure = new SecureAgent({ keepAlive: true, ...(authority === undefined ? {} : { ca: authority }) })
  const close = (): void => {
    plain.destroy()
    secure.destroy()
  }
  return { plain, secure, close }
}

/** Sends requests as one user's browser does: many at once, and with the cookies of the answers that have come. */
export class Browser {
  readonly url: string
  /** The cookies it would send now, by name. */
  readonly jar: Map<string, string> = new Map()
  /** Every Set-Cookie header it ever got, in the order of arrival. */
  readonly setCookies: string[] = []
  readonly #connections: Connections

  constructor(url: string, shared: Connections) {
    this.url = url
    this.#connections = shared
  }

  /** The Cookie header it would send now. */
  get cookie(): string | undefined {
    return this.jar.size === 0 ? undefined : [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get(path: string): Promise<Page> {
    return this.send({ path })
  }

  post(path: string): Promise<Page> {
    return this.send({ method: 'POST', path })
  }

  /** Sends a request. The jar learns when the head of the answer arrives. */
  send(page: PageRequest): Promise<Page> {
    const { method = 'GET', path, url = this.url } = page
    const cookie = 'cookie' in page ? page.cookie : this.cookie
    const target = new URL(path, url)
    const isSecure = target.protocol === 'https:'
    const headers = { host: target.host, ...(cookie === undefined ? {} : { cookie }) }
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: isSecure ? this.#connections.secure : this.#connections.plain }
      const sending = isSecure ? requestSecure(target, options) : requestPlain(target, options)
      sending.on('error', reject)
      sending.on('response', (response) => {
        const setCookies = response.headers['set-cookie'] ?? []
        for (const setCookie of setCookies) this.#learn(setCookie)
        const chunks: Buffer[] = []
        response.on('error', reject)
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString()
          const { statusCode: status = 0, headers: received } = response
          const duration = performance.now() - startedAt
          resolve({ status, headers: received, setCookies, body, duration, json: () => JSON.parse(body) })
        })
      })
      sending.end()
    })
  }

  #learn(setCookie: string): void {
    this.setCookies.push(setCookie)
    const [pair = '', ...attributes] = setCookie.split(';')
    const [name, value] = splitAt(pair, '=')
    const maxAge = attributes
      .map((attribute) => splitAt(attribute, '='))
      .find(([key]) => key.toLowerCase() === 'max-age')
    if (maxAge !== undefined && Number(maxAge[1]) <= 0) this.jar.delete(name)
    else this.jar.set(name, value)
  }
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}
