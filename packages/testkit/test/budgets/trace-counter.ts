import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'

/** What lies on a request and its response when it ends: what everybody has put there, on Node's own. */
export interface Traces {
  /** Listeners of all events. */
  readonly listeners: number
  /** Functions that are properties of the objects themselves, under names and symbols: each a closure. */
  readonly functions: number
}

interface Finished {
  readonly request: EventEmitter
  readonly response: EventEmitter
}

/** Watches the requests that an action makes to servers of this process; answers what the last of them left. */
export async function tracesOf(action: () => Promise<unknown>): Promise<Traces> {
  let last: Traces | undefined
  const look = (message: unknown): void => {
    const { request, response } = message as Finished
    last = {
      listeners: listenersOf(request) + listenersOf(response),
      functions: functionsOf(request) + functionsOf(response),
    }
  }
  subscribe('http.server.response.finish', look)
  try {
    await action()
  } finally {
    unsubscribe('http.server.response.finish', look)
  }
  if (last === undefined) throw new Error('No request ended.')
  return last
}

function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name), 0)
}

function functionsOf(object: object): number {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(object))
  const symbols = Object.getOwnPropertySymbols(object).map((symbol) => Reflect.get(object, symbol) as unknown)
  return [...descriptors.map(({ value }) => value as unknown), ...symbols].filter(
    (value) => typeof value === 'function',
  ).length
}
