import type { NodeExchange } from '@holdfast/core'

import type { PlainBinding } from './plain-binding.ts'

/** A sound binding with one fault. */
export interface BrokenBinding {
  /** What is wrong with it. */
  readonly fault: string
  /** The rules of the suite that must catch it: their words, or all that match. */
  readonly breaks: readonly (string | RegExp)[]
  /** The steps that are wrong. */
  make(sound: PlainBinding): Partial<PlainBinding>
}

type Append = (name: string, value: string) => void

/** Replaces what an exchange does with one response header. */
export function withHeader(
  sound: PlainBinding,
  name: string,
  append: (value: string, exchange: NodeExchange, response: Parameters<PlainBinding['exchange']>[1]) => void,
): Partial<PlainBinding> {
  return {
    exchange: (request, response, isProxyTrusted) => {
      const exchange = sound.exchange(request, response, isProxyTrusted)
      const soundly = exchange.appendHeader!.bind(exchange)
      const replaced: Append = (given, value) => {
        if (given === name) append(value, exchange, response)
        else soundly(given, value)
      }
      return Object.assign(exchange, { appendHeader: replaced })
    },
  }
}

/** Replaces what an exchange shows of one request header. */
export function withRequestHeader(
  sound: PlainBinding,
  change: (name: string, value: string | undefined, exchange: NodeExchange) => string | undefined,
): Partial<PlainBinding> {
  return {
    exchange: (request, response, isProxyTrusted) => {
      const exchange = sound.exchange(request, response, isProxyTrusted)
      const soundly = exchange.header.bind(exchange)
      return Object.assign(exchange, { header: (name: string) => change(name, soundly(name), exchange) })
    },
  }
}
