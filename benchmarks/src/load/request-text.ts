import type { Shot } from '../scenarios.ts'

/** Cookies of other programs, which browsers send along. */
const FOREIGN = ['theme=dark', '_ga=GA1.1.1234567890.1700000000'] as const

/** The Cookie header of a request: the session's cookies between foreign ones. */
export function cookieHeader(cookie: string | undefined): string {
  return [FOREIGN[0], ...(cookie === undefined ? [] : [cookie]), FOREIGN[1]].join('; ')
}

/** A request as it goes over the wire. */
export function requestText({ method, path, cookie }: Shot, host: string): string {
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}Cookie: ${cookieHeader(cookie)}\r\n\r\n`
}
