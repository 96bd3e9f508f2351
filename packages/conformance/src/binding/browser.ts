import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'

/** An answer as it arrived. */
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly setCookies: readonly string[]
  readonly body: string
  /** Our end of the connection: two answers with the same port came over the same one. */
  readonly port: number | undefined
}

/** A request that is under way. */
export interface Sending {
  /** Whether anything of the answer has arrived. */
  readonly hasBegun: boolean
  /** Resolves when the head of the answer has arrived. */
  readonly begun: Promise<void>
  readonly received: Promise<Received>
  /** Goes away without waiting. `received` rejects. */
  leave(): void
}

type Method = 'GET' | 'POST' | 'HEAD'
type Headers = Readonly<Record<string, string>>

/** A client with a cookie jar, which takes cookies in the order in which answers arrive. */
export class Browser {
  readonly jar: Map<string, string> = new Map()
  readonly #url: string
  readonly #headers: Headers
  readonly #agent: Agent

  /** @param connections how many requests may be under way at once, each on a connection that is kept */
  constructor(url: string, headers: Headers = {}, connections = 64) {
    this.#url = url
    this.#headers = headers
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  get(path: string): Promise<Received> {
    return this.send('GET', path).received
  }

  post(path: string): Promise<Received> {
    return this.send('POST', path).received
  }

  /** Sends a request with the cookies of the jar, or with those given instead. */
  send(method: Method, path: string, cookie: string = this.cookie): Sending {
    const headers = { ...this.#headers, ...(cookie === '' ? {} : { cookie }) }
    const outgoing = request(new URL(path, this.#url), { method, headers, agent: this.#agent })
    let hasBegun = false
    const head = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        hasBegun = true
        resolve(incoming)
      })
    })
    const received = head.then(async (incoming) => {
      const answer = await receive(incoming)
      for (const line of answer.setCookies) this.#take(line)
      return answer
    })
    // A test that goes away looks at neither.
    received.catch(ignore)
    const begun = head.then(ignore)
    begun.catch(ignore)
    outgoing.end()
    return {
      get hasBegun() {
        return hasBegun
      },
      begun,
      received,
      leave: () => outgoing.destroy(),
    }
  }

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Another client with the same cookies. */
  clone(): Browser {
    const clone = new Browser(this.#url, this.#headers)
    for (const [name, value] of this.jar) clone.jar.set(name, value)
    return clone
  }

  close(): void {
    this.#agent.destroy()
  }

  #take(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = '', value = ''] = pair.split('=')
    if (attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0')) this.jar.delete(name)
    else this.jar.set(name, value)
  }
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const port = incoming.socket.localPort
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    setCookies: incoming.headers['set-cookie'] ?? [],
    body: Buffer.concat(chunks).toString(),
    port,
  }
}

function ignore(): void {}
