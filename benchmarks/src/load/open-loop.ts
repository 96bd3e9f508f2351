/** Open loops: requests leave at a fixed rate, whether or not earlier ones have been answered. */
import { setTimeout as delay } from 'node:timers/promises'

import type { Shot } from '../scenarios.ts'
import { quantile } from '../statistics.ts'
import { HttpConnection } from './http-connection.ts'
import { requestText } from './request-text.ts'

export interface OpenLoopTerms {
  readonly port: number
  readonly shots: readonly Shot[]
  readonly connections: number
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
}

/** Latencies in microseconds. */
export interface Latency {
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/**
 * Measures latencies. A request for which no connection is free waits, and its wait counts. What this process is late by
 * itself does not count: it is no doing of the server.
 */
export async function measureLatency(terms: OpenLoopTerms): Promise<Latency> {
  const { port, shots, connections, rate, seconds } = terms
  const texts = shots.map((shot) => requestText(shot, `127.0.0.1:${port}`))
  const opened = await HttpConnection.openAll(port, connections)
  const free = [...opened]
  const due: { readonly text: string; readonly since: number }[] = []
  const latencies: number[] = []
  const count = Math.min(Math.round(rate * seconds), Number.MAX_SAFE_INTEGER)
  let failure: Error | undefined

  const dispatch = (): void => {
    while (due.length > 0 && free.length > 0) {
      const { text, since } = due.shift()!
      const connection = free.pop()!
      connection.send(text).then(
        ({ status }) => {
          latencies.push((performance.now() - since) * 1000)
          if (status !== 200) failure = new Error(`A request was answered ${status}.`)
          free.push(connection)
          dispatch()
        },
        (error: Error) => void (failure = error),
      )
    }
  }

  const startedAt = performance.now()
  for (let sent = 0; sent < count && failure === undefined;) {
    const wanted = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * rate))
    for (; sent < wanted; sent++) due.push({ text: texts[sent % texts.length]!, since: performance.now() })
    dispatch()
    await delay(1)
  }
  while (latencies.length < count && failure === undefined) await delay(1)
  for (const connection of opened) connection.close()
  if (failure !== undefined) throw failure
  return { rate, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}
