import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { RawClient, requestText } from './raw-client.ts'
import { type Testimony, Witness } from './witness.ts'

/** Longer texts are compared by their digest. */
const LONG = 20_000

/** A handler whose every step is watched. `index` counts the requests of the connection. */
export interface Script {
  readonly name: string
  /** The bytes that the client sends. @default one GET that closes the connection */
  readonly request?: string
  readonly server?: ServerOptions
  /** Events that depend on the timing of the network and are left out. */
  readonly ignores?: RegExp
  /** Whether callbacks and events may come in any order: a pipelined response may have to wait for its socket or not. */
  readonly isUnordered?: boolean
  readonly run: (witness: Witness, request: IncomingMessage, index: number) => unknown
}

/** Puts a gate, or nothing, on a response before the script gets it. */
export type Preparation = (response: ServerResponse, request: IncomingMessage) => void

/** What came of a script, to the handler and on the wire. */
export interface Performance extends Testimony {
  readonly bytes: string
}

/** Plays a script on a server of its own. */
export async function play(script: Script, prepare: Preparation): Promise<Performance> {
  const witnesses: Witness[] = []
  const endings: Promise<unknown>[] = []
  const server = createServer(script.server ?? {}, (request, response) => {
    prepare(response, request)
    const index = witnesses.length
    const witness = new Witness(response, index === 0 ? '' : `${index} `)
    witnesses.push(witness)
    endings.push(
      new Promise((resolve) => response.once('close', resolve)),
      Promise.resolve(script.run(witness, request, index)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const client = new RawClient((server.address() as AddressInfo).port, script.request ?? requestText())
    const text = await client.all()
    await Promise.all(endings)
    await new Promise(setImmediate)
    const ignores = script.ignores ?? /^$/
    const signals = witnesses.flatMap((witness) => witness.signals.filter((signal) => !ignores.test(signal)))
    return {
      bytes: text.length < LONG ? text : `${text.length} bytes, ${createHash('sha256').update(text).digest('hex')}`,
      calls: witnesses.flatMap(({ calls }) => calls),
      signals: script.isUnordered === true ? signals.toSorted() : signals,
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
