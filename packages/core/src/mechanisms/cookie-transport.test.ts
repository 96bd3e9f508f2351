import { describe, expect, it } from 'vitest'

import { cookieTransport } from './cookie-transport.ts'

const TOKEN = 'A'.repeat(32)

const { candidates } = cookieTransport()({
  cookie: { name: 'id', secure: 'auto', sameSite: 'lax', path: '/', domain: undefined, partitioned: false },
  isProduction: false,
})

function found(cookie: string): readonly string[] {
  return candidates({ header: () => cookie, secure: false })
}

describe('the candidates of a Cookie header', () => {
  it.each([` id=${TOKEN}`, `id= ${TOKEN}\t;a=b`, `a=b;\t id=\t${TOKEN} `, `id=short; id=${TOKEN}`])(
    'are found between blanks: %j',
    (cookie) => expect(found(cookie)).toEqual([TOKEN]),
  )

  // `String.trim` takes these for white space.
  it.each(['\u00a0', '\v', '\f', '\r\n', '\ufeff', '\u2003'])('are none with %j around them', (strange) => {
    expect(found(`id=${strange}${TOKEN}`)).toEqual([])
    expect(found(`id=${TOKEN}${strange}`)).toEqual([])
    expect(found(`${strange}id=${TOKEN}`)).toEqual([])
  })
})
