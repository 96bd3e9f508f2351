import { createSessions, memoryStore, nodeExchange } from '@holdfast/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RawClient, faultyStore, rounds } from '../../src/index.ts'
import { FRAMEWORKS } from '../frameworks/frameworks.ts'
import { type Data } from '../frameworks/site.ts'
import { onStage } from './stage.ts'

const RUNS = 10_000
const SAMPLE = 300
const TRIED = 4
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const text = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), minLength, maxLength })
/** A well-formed token. Few different ones, so that repetitions come. */
const token = fc.nat(12).map((n) => ALPHABET[n]!.repeat(30).padEnd(32, ALPHABET.slice(n)))
const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 40 })
const long = fc
  .tuple(fc.constantFrom('A', '%', ' ', '=', '"', '-', '\u00ff'), fc.integer({ min: 1000, max: 15_000 }))
  .map(([character, length]) => character.repeat(length))

const brokenToken = fc.oneof(
  text(ALPHABET, 0, 31),
  text(ALPHABET, 33, 80),
  token.map((value) => `"${value}"`),
  token.map((value) => `${value.slice(0, 16)} ${value.slice(17)}`),
  token.map((value) => `${value.slice(0, 31)}%`),
  token.map((value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`),
  token.map((value) => `${value.slice(0, 31)}=`),
  token.map((value) => `${value.slice(0, 31)}\u00e9`),
  fc.tuple(token, fc.constantFrom('\u00a0', '\v', '\f', '\r\n', '\0')).map(([value, blank]) => value + blank),
  fc.tuple(token, fc.nat(31)).map(([value, at]) => `${value.slice(0, at)}\0${value.slice(at + 1)}`),
)
const value = fc.oneof({ weight: 4, arbitrary: token }, { weight: 4, arbitrary: brokenToken }, latin1)
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('id', '__Host-id') },
  fc.constantFrom(
    'ID',
    'id2',
    'xid',
    '__host-id',
    '__Host-id2',
    '__Secure-id',
    'id.sig',
    'i d',
    '%69d',
    '"id"',
    '',
    '__Host-',
  ),
)
const separator = fc.constantFrom(';', '; ', ' ;', ';;', '\t; ', ',', '&', ' ')
const gap = fc.constantFrom('', '', '', ' ', '\t', '   ')

const pair = fc
  .tuple(gap, name, gap, fc.constantFrom('=', '=', '=', '==', ''), gap, value, gap)
  .map((pieces) => pieces.join(''))
const ordinary = fc.array(fc.tuple(pair, separator), { maxLength: 12 }).map((pairs) => pairs.flat().join(''))
const crowd = fc
  .tuple(fc.constantFrom('id', '__Host-id'), fc.array(value, { minLength: 100, maxLength: 400 }))
  .map(([key, values]) => values.map((one) => `${key}=${one}`).join('; '))
const huge = fc
  .tuple(ordinary, name, long, ordinary)
  .map(([before, key, bulk, after]) => `${before};${key}=${bulk};${after}`)
const header = fc.oneof(
  { weight: 60, arbitrary: ordinary },
  { weight: 10, arbitrary: latin1 },
  { weight: 3, arbitrary: huge },
  { weight: 4, arbitrary: crowd },
)

/** How many lookups a Cookie header may cost. White space is a blank or a tab, as RFC 6265bis has it. */
function wellFormed(cookies: string, cookieName: string): number {
  const candidate = new RegExp(`(?:^|;)[ \\t]*${cookieName}=[ \\t]*([A-Za-z0-9_-]{32})[ \\t]*(?=;|$)`, 'g')
  return Math.min(TRIED, new Set([...cookies.matchAll(candidate)].map(([, found]) => found)).size)
}

describe('10,000 malformed cookies', () => {
  it('cost no store call, the well-formed among them at most four, and nothing throws', async () => {
    const faulty = faultyStore(memoryStore())
    const sessions = createSessions<Data>({ store: faulty.store })
    const seen = { none: 0, some: 0, most: 0 }
    await fc.assert(
      fc.asyncProperty(header, fc.boolean(), async (cookie, encrypted) => {
        faulty.forget()
        const session = await sessions.open(nodeExchange({ headers: { cookie }, socket: { encrypted } }))
        const expected = wellFormed(cookie, encrypted ? '__Host-id' : 'id')
        expect(faulty.calls.load).toBe(expected)
        expect(session.isNew).toBe(true)
        expect(session.keys()).toEqual([])
        seen[expected === 0 ? 'none' : expected === TRIED ? 'most' : 'some']++
      }),
      { numRuns: RUNS },
    )
    // The grammar reaches what it is meant to reach.
    expect(seen.none).toBeGreaterThan(RUNS / 4)
    expect(seen.some).toBeGreaterThan(RUNS / 50)
    expect(seen.most).toBeGreaterThan(RUNS / 100)
  })
})

describe.each(FRAMEWORKS)('malformed cookies by raw socket, on $name', ({ serve }) => {
  it('cost what their well-formed part costs, and nothing breaks', async () => {
    await onStage(serve, { routes: [] }, async ({ faulty, sites }) => {
      const [site] = sites
      const headers = fc
        .sample(header, SAMPLE)
        // Line breaks would end the header on the wire.
        .map((cookie) => cookie.replaceAll(/[\r\n]/g, ''))
      let expected = 0
      let served = 0
      await rounds(SAMPLE, async (round) => {
        const cookie = headers[round]!
        const client = await RawClient.connect(site!.url)
        client.send(`GET /state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`)
        const answer = await client.all()
        if (answer.startsWith('HTTP/1.1 200 ')) {
          served++
          expected += wellFormed(cookie, 'id')
          expect(answer).toContain('"isNew":true')
        } else {
          // Node itself refuses control bytes and what is too large.
          expect(answer).toMatch(/^HTTP\/1\.1 (?:400|431) /)
        }
        expect(answer).not.toMatch(/^set-cookie:/im)
      })
      expect(served).toBeGreaterThan(SAMPLE / 4)
      expect(faulty.calls).toMatchObject({ load: expected, create: 0, update: 0, touch: 0, renew: 0, end: 0 })
      expect(site!.errors).toEqual([])
    })
  })
})
