import fc from 'fast-check'

import { requestText } from './raw-client.ts'
import type { Script } from './stage.ts'
import type { Witness } from './witness.ts'

type Step = (witness: Witness, index: number) => unknown

const chunk = fc.oneof(
  fc.constantFrom('text', 'déjà vu', '', 'cafe').map((text) => ({ text, value: text as unknown })),
  fc
    .uint8Array({ maxLength: 20 })
    .map((bytes) => ({ text: `${bytes.length} bytes`, value: Buffer.from(bytes) as unknown })),
  fc
    .constantFrom(null, undefined, 7, {})
    .map((value) => ({ text: JSON.stringify(value) ?? 'undefined', value: value as unknown })),
)
const encoding = fc.constantFrom(undefined, 'utf8', 'latin1', 'hex', 'base64')
const name = fc.constantFrom('X-One', 'x-one', 'X-Two', 'Set-Cookie', 'Vary', 'Content-Type', 'bad name')
const value = fc.constantFrom('1', 'a=1', 'two, three', 'bad\nvalue')
/** An `end` that Node refuses for its status or message leaves the length of its chunk to later responses. */
const status = fc.constantFrom(200, 201, 204, 302, 304, 404, 500)
/** A `writeHead` with such a status and bad headers would leave Node itself unable to send any body later. */
const statusWithBody = fc.constantFrom(200, 201, 302, 404, 500, 99, 1234)
const pair = fc.tuple(name, value)
const headers = fc.oneof(
  fc.array(pair, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs) as unknown),
  fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.flat() as unknown),
  fc.constantFrom(undefined, ['X-Odd']),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(chunk, encoding, fc.boolean()).map(
      ([{ text, value: body }, how, hasCallback]): Step =>
        (w, i) =>
          w.call(`write ${text}`, (r) =>
            r.write(body, how as 'utf8', hasCallback ? w.callback(`write ${i}`) : undefined),
          ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(chunk, encoding, fc.boolean()).map(
      ([{ text, value: body }, how, hasCallback]): Step =>
        (w, i) =>
          w.call(`end ${text}`, (r) => r.end(body, how as 'utf8', hasCallback ? w.callback(`end ${i}`) : undefined)),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>((w, i) => w.call('end', (r) => r.end(w.callback(`end ${i}`)))) },
  {
    weight: 3,
    arbitrary: fc.tuple(statusWithBody, headers).map(
      ([code, given]): Step =>
        (w) =>
          w.call(`head ${code}`, (r) => r.writeHead(code, given as Record<string, string>)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(statusWithBody, fc.constantFrom('Fine', 'bad\nreason'), headers)
      .map(([code, reason, given]): Step => (w) => {
        w.call(`head ${code} ${reason}`, (r) => r.writeHead(code, reason, given as Record<string, string>))
        w.response.statusMessage = 'Fine'
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(204, 304).map(
      (code): Step =>
        (w) =>
          w.call(`head ${code}`, (r) => r.writeHead(code)),
    ),
  },
  {
    weight: 4,
    arbitrary: pair.map(
      ([key, text]): Step =>
        (w) =>
          w.call(`set ${key}`, (r) => r.setHeader(key, text)),
    ),
  },
  {
    weight: 2,
    arbitrary: pair.map(
      ([key, text]): Step =>
        (w) =>
          w.call(`append ${key}`, (r) => r.appendHeader(key, text)),
    ),
  },
  {
    weight: 2,
    arbitrary: name.map(
      (key): Step =>
        (w) =>
          w.call(`remove ${key}`, (r) => r.removeHeader(key)),
    ),
  },
  {
    weight: 1,
    arbitrary: name.map(
      (key): Step =>
        (w) =>
          w.call(`get ${key}`, (r) => r.getHeader(key)),
    ),
  },
  {
    weight: 1,
    arbitrary: status.map(
      (code): Step =>
        (w) =>
          w.call(`status ${code}`, (r) => (r.statusCode = code)),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((w) => w.call('flush', (r) => r.flushHeaders())) },
  { weight: 1, arbitrary: fc.constant<Step>((w) => w.call('trailers', (r) => r.addTrailers({ 'X-Sum': '1' }))) },
  { weight: 1, arbitrary: fc.constant<Step>((w) => w.call('status', (r) => `${r.statusCode} ${r.statusMessage}`)) },
  {
    weight: 1,
    arbitrary: fc.constant<Step>((w) => {
      w.call('cork', (r) => r.cork())
      w.call('write corked', (r) => r.write('corked'))
      w.call('uncork', (r) => r.uncork())
    }),
  },
)

const tick: fc.Arbitrary<Step> = fc.constant(() => new Promise(setImmediate))

/**
 * Any calls in any order, with time between them or not. In the end the response is ended, after a status that Node
 * accepts.
 */
export function randomScript({ hasTicks }: { readonly hasTicks: boolean }): fc.Arbitrary<Script> {
  const anyStep = hasTicks ? fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: tick }) : step
  return fc
    .tuple(fc.array(anyStep, { minLength: 1, maxLength: 12 }), fc.constantFrom('GET', 'HEAD', 'POST'), fc.boolean())
    .map(([steps, method, isPipelined]) => ({
      name: 'random',
      isUnordered: isPipelined,
      request: (isPipelined ? requestText(method, []) : '') + requestText(method),
      async run(witness) {
        for (const [index, one] of steps.entries()) {
          const wait = one(witness, index)
          if (wait instanceof Promise) await wait
        }
        witness.response.statusCode = 200
        witness.response.statusMessage = 'OK'
        witness.call('end', (r) => r.end(witness.callback('last end')))
      },
    }))
}
