import { connect } from 'node:net'

import { type GuardedProcess, type GuardedProgram, logTail, spawnGuarded } from './guarded-process.ts'
import { until } from './until.ts'

/** What the first answer of a server that can be used begins with: it may ask for a password, or want a new master. */
export const READY: RegExp = /^(\+PONG|-NOAUTH|-NOPERM|-MASTERDOWN)/

/** What any answer begins with. */
export const ANSWERING: RegExp = /^[+-]/

/** Starts a Redis or a Sentinel, and waits until it answers on its port in the way that is asked for. */
export async function launchRedis(
  program: GuardedProgram & { readonly port: number; readonly isUp: RegExp },
): Promise<GuardedProcess> {
  const { port, isUp, logFile } = program
  const started = spawnGuarded(program)
  try {
    const isDecided = async (): Promise<boolean> => started.hasExited || isUp.test(await firstAnswer(port))
    await until(isDecided, { what: `Redis on port ${port}`, every: 5 })
    if (started.hasExited) throw new Error('It ended.')
    return started
  } catch (cause) {
    await started.kill()
    throw new Error(`Redis did not start on port ${port}:\n${logTail(logFile)}`, { cause })
  }
}

function firstAnswer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(1_000, () => socket.destroy(new Error('Redis did not answer.')))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('Redis closed the connection.')))
  })
}
