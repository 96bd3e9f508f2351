/** The cookie scan: with our cookie and two foreign ones, without ours, and among many. */
import { cookieTransport } from '../../packages/core/src/mechanisms/cookie-transport.ts'
import { createMint } from '../../packages/core/src/mechanisms/token.ts'
import { measure } from './case.ts'
import { exchangeOf } from './engine.ts'

export function define(): void {
  const transport = cookieTransport()({
    isProduction: false,
    cookie: { name: 'id', secure: false, sameSite: 'lax', path: '/', domain: undefined, partitioned: false },
  })
  const token = createMint().token()
  const foreign = 'theme=dark; _ga=GA1.1.1234567890.1700000000'
  const many = Array.from({ length: 20 }, (_, index) => `c${index}=%7B%22a%22%3A${index}%7D`).join('; ')
  const ours = exchangeOf(`theme=dark; id=${token}; _ga=GA1.1.1234567890.1700000000`)
  const without = exchangeOf(foreign)
  const none = exchangeOf(undefined)
  const among = exchangeOf(`${many}; id=${token}`)
  measure('cookie: scan, no header', () => transport.candidates(none))
  measure('cookie: scan, foreign cookies only', () => transport.candidates(without))
  measure('cookie: scan, ours between two', () => transport.candidates(ours))
  measure('cookie: scan, ours after 20', () => transport.candidates(among))
  measure('cookie: Set-Cookie', () => transport.send(token, { isSecure: false, maxAge: undefined, exchange: none }))
}
