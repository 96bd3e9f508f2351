import type { BrokenBinding } from './broken-binding.ts'
import type { PlainBinding } from './plain-binding.ts'

/** Replaces what an exchange shows of where the client is. */
function withAddress(
  sound: PlainBinding,
  find: (request: Parameters<PlainBinding['exchange']>[0], soundly: string | undefined) => string | undefined,
): Partial<PlainBinding> {
  return {
    exchange: (request, response, isProxyTrusted) => {
      const exchange = sound.exchange(request, response, isProxyTrusted)
      return Object.defineProperty(exchange, 'address', { value: find(request, exchange.address) })
    },
  }
}

/** Faults of where a client is. */
export const brokenAddresses: readonly BrokenBinding[] = [
  {
    fault: 'shows no address',
    breaks: [/^ASVS 15\.3\.4: the network of a client is/],
    make: (sound) => withAddress(sound, () => undefined),
  },
  {
    fault: 'shows the address of the proxy',
    breaks: ['ASVS 15.3.4: the network of a client is the one that a trusted proxy tells, and never the address'],
    make: (sound) => withAddress(sound, ({ socket }) => socket.remoteAddress),
  },
  {
    fault: 'believes every address that it is told',
    breaks: ['ASVS 15.3.4: an application that trusts no proxy believes nobody who tells an address'],
    make: (sound) => withAddress(sound, ({ headers }, soundly) => headers['x-forwarded-for']?.toString() ?? soundly),
  },
]
