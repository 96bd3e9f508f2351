/** Carries the token in a header of the same name both ways, for apps and other clients that keep no cookies. */
import type { HeaderEffect, Withheld } from '../contracts/transport.ts'
import { OptionsError } from '../contracts/errors.ts'
import type { TransportSetup } from './cookie-transport.ts'
import { isToken } from './token.ts'

export interface HeaderTransportOptions {
  /**
   * The request header that brings the token, and the response header that answers a new one.
   *
   * @default 'x-session'
   */
  readonly name?: string
}

/** Names that mean something else to HTTP or to this library. */
const RESERVED: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expect',
  'host',
  'location',
  'origin',
  'referer',
  'set-cookie',
  'transfer-encoding',
  'upgrade',
  'vary',
])

const WITHHELD: Withheld = {
  code: 'WARN_HEADER_INSECURE',
  message:
    'Session token not sent. This request arrived over http in production, where everybody on the way could read the ' +
    'token and use it. Behind a proxy that speaks TLS, tell the framework to trust it; `cookie.secure: false` sends ' +
    'tokens in clear text all the same.',
}

/**
 * Carries the token in a header. A new token is answered in the response header of the same name, an empty one tells
 * the client to forget its token. Never sets a cookie. In production a token is sent over secure connections only, unless
 * `cookie.secure` is `false`.
 *
 * @throws OptionsError `ERR_OPTIONS` for a name that is no header name or belongs to HTTP itself.
 */
export function headerTransport(options: HeaderTransportOptions = {}): TransportSetup {
  const name = (options.name ?? 'x-session').toLowerCase()
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || RESERVED.has(name)) {
    throw new OptionsError('headerTransport()', [
      {
        path: 'name',
        message: 'this cannot name the header of a token. Write a header of your own, such as `x-session`.',
      },
    ])
  }
  const effect = (value: string): readonly HeaderEffect[] => [[name, value]]
  return ({ cookie, isProduction }) => ({
    name: 'header',
    vary: name,
    candidates: (exchange) => {
      const value = exchange.header(name)
      return value !== undefined && isToken(value) ? [value] : []
    },
    carries: (exchange) => exchange.header(name) !== undefined,
    send: (token, { isSecure }) => (isSecure || !isProduction || cookie.secure === false ? effect(token) : WITHHELD),
    clear: () => effect(''),
  })
}
