import type { ServerResponse } from 'node:http'

/** What one run of a handler showed: everything a handler and a client can see. */
export interface Testimony {
  /** Each call with its answer or error, and how the response looked after it. */
  readonly calls: string[]
  /** Callbacks and events, in order. */
  readonly signals: string[]
}

/** Watches a response while a script drives it. */
export class Witness {
  readonly calls: string[] = []
  readonly signals: string[] = []
  readonly response: ServerResponse
  readonly #label: string

  constructor(response: ServerResponse, label = '') {
    this.response = response
    this.#label = label
    for (const event of ['prefinish', 'finish', 'close', 'drain']) {
      response.on(event, () => this.signals.push(`${label}${event}`))
    }
    response.on('error', (error) => this.signals.push(`${label}error ${codeOf(error)}`))
  }

  /** Does something with the response and notes what came of it. */
  call(name: string, action: (response: ServerResponse) => unknown): unknown {
    let answer: unknown
    let outcome: string
    try {
      answer = action(this.response)
      outcome = answer === this.response ? 'response' : String(answer)
    } catch (error) {
      outcome = `throws ${codeOf(error)}`
    }
    const { headersSent, writableEnded } = this.response
    this.calls.push(`${this.#label}${name}: ${outcome}${headersSent ? ', sent' : ''}${writableEnded ? ', ended' : ''}`)
    return answer
  }

  /** A callback that notes that it was called. */
  callback(name: string): (error?: unknown) => void {
    return (error) => this.signals.push(`${this.#label}${name}(${error ? codeOf(error) : ''})`)
  }
}

/** The code of an error of Node, or its message. */
function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? String(error)
}
