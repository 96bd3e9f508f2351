import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import {
  type GateControl,
  type MountOptions,
  type NodeExchange,
  NodeGate,
  type OpenOptions,
  type Session,
  type Sessions,
  handleShower,
  nodeExchange,
  readMount,
} from '@holdfast/core'

import type { Answer, Fields, Serve } from '../../binding/routes.ts'

/** A sound binding to plain `node:http`, in steps that a fault can replace, and the little framework around it. */
export interface PlainBinding {
  /** Shows the engine a request. */
  exchange(request: IncomingMessage, response: ServerResponse, isProxyTrusted: boolean): NodeExchange
  /** Makes what holds the response, to be armed at the first use of the session. */
  gate(response: ServerResponse, control: GateControl): { arm(): void }
  open(sessions: Sessions<Fields>, exchange: NodeExchange, options: OpenOptions): Promise<Session<Fields>>
  show(request: IncomingMessage, property: string, session: Session<Fields>): void
  finish(sessions: Sessions<Fields>, session: Session<Fields>, visit: PlainVisit): Promise<void> | undefined
  /** Writes what the handler answered. */
  answer(response: ServerResponse, answer: Answer): void
  /** Answers for an error of the handler or the commit. */
  fail(response: ServerResponse, error: unknown): void
}

/** The end of a request, as `finish` sees it. */
export interface PlainVisit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly options: OpenOptions
  readonly status: number
}

const SOUND: PlainBinding = {
  exchange: (request, response, isProxyTrusted) => {
    const told = isProxyTrusted ? request.headers : {}
    return nodeExchange(request, response, {
      secure: told['x-forwarded-proto'] === 'https',
      address: told['x-forwarded-for']?.toString(),
    })
  },
  gate: (response, control) => new NodeGate(response, control),
  open: async (sessions, exchange, options) => sessions.open(exchange, options),
  show: (request, property, session) => handleShower(property, () => session)(request, session),
  finish: (sessions, session, { status }) => sessions.finish(session, { status }),
  answer: writeAnswer,
  fail: (response, error) => {
    const { status = 500 } = error as { status?: number }
    response.statusCode = status
    response.end(`status ${status}`)
  },
}

/** Serves the applications of the suite by the sound binding, with a fault in it. */
export function servePlain(fault: (sound: PlainBinding) => Partial<PlainBinding> = () => ({})): Serve {
  const binding: PlainBinding = { ...SOUND, ...fault(SOUND) }
  return async ({ isProxyTrusted, mount, list, onError }, sessions) => {
    const server = createServer((request, response) => {
      const fail = (error: unknown): void => {
        onError(error)
        binding.fail(response, error)
      }
      const enter = async (options: MountOptions): Promise<void> => {
        const { property, open } = readMount('plain', sessions, options)
        const exchange = binding.exchange(request, response, isProxyTrusted)
        const gate = binding.gate(response, {
          finish: (status) => binding.finish(sessions, session, { request, response, options: open, status }),
          fail,
        })
        exchange.onUse = () => gate.arm()
        const session = await binding.open(sessions, exchange, open)
        binding.show(request, property, session)
      }
      const run = async (): Promise<void> => {
        await enter(mount)
        const method = request.method === 'HEAD' ? 'GET' : request.method
        const route = list.find((each) => each.path === request.url && each.method === method)
        if (route === undefined) return void response.end()
        if (route.mount !== undefined) await enter({ ...mount, ...route.mount })
        const session: unknown = Reflect.get(request, mount.property ?? 'session')
        binding.answer(response, await route.handle({ session, carrier: request }))
      }
      run().catch(fail)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve).closeAllConnections())
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
  }
}

function writeAnswer(response: ServerResponse, answer: Answer): void {
  response.statusCode = answer.status ?? { redirect: 302, empty: 204, text: 200, json: 200, stream: 200 }[answer.type]
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  for (const cookie of answer.cookies ?? []) response.appendHeader('Set-Cookie', cookie)
  if (answer.type === 'redirect') response.setHeader('Location', answer.location).end()
  else if (answer.type === 'empty') response.end()
  else if (answer.type === 'stream') answer.body.pipe(response)
  else response.end(answer.type === 'json' ? JSON.stringify(answer.body) : answer.body)
}
