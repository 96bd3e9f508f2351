import assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import { ERRORS, type ErrorCode, isHoldfastError } from '@holdfast/core'

import type { BindingTrial } from './binding-trial.ts'
import type { Received } from './browser.ts'
import type { Answer } from './routes.ts'

/** An answer of some text, with nothing special about it. */
export const OK: Answer = { type: 'text', body: 'ok' }

/** An answer that shows a value. */
export function show(value: unknown): Answer {
  return { type: 'json', body: { shown: value ?? null } }
}

/** Asserts that an answer shows the value. */
export function assertShown({ status, body }: Received, value: unknown): void {
  assert.deepEqual([status, body], [200, JSON.stringify({ shown: value ?? null })])
}

/** A way in which handlers answer. */
export interface AnswerKind {
  readonly name: string
  /** What the client asks with. */
  readonly method: 'GET' | 'HEAD'
  readonly status: number
  /** What the client gets as body. */
  readonly body: string
  make(): Answer
}

/** Marks what the handler of a case says, so that it is found where it must not be. */
export const HANDLERS_WORD = 'said by the handler'

/** Every way in which handlers answer. */
export const ANSWER_KINDS: readonly AnswerKind[] = [
  {
    name: 'text',
    method: 'GET',
    status: 200,
    body: HANDLERS_WORD,
    make: () => ({ type: 'text', body: HANDLERS_WORD }),
  },
  {
    name: 'json',
    method: 'GET',
    status: 200,
    body: JSON.stringify({ word: HANDLERS_WORD }),
    make: () => ({ type: 'json', body: { word: HANDLERS_WORD } }),
  },
  { name: 'HEAD', method: 'HEAD', status: 200, body: '', make: () => ({ type: 'text', body: HANDLERS_WORD }) },
  { name: 'empty', method: 'GET', status: 204, body: '', make: () => ({ type: 'empty' }) },
  {
    name: 'stream',
    method: 'GET',
    status: 200,
    body: HANDLERS_WORD,
    make: () => ({ type: 'stream', body: Readable.from(HANDLERS_WORD.split(/(?= )/), { objectMode: false }) }),
  },
  {
    name: 'redirect',
    method: 'GET',
    status: 302,
    // What a framework writes under a redirect is its own business.
    body: '',
    make: () => ({ type: 'redirect', location: '/elsewhere' }),
  },
]

/** The `Set-Cookie` lines that are about the session. */
export function ourCookies({ setCookies }: Received): readonly string[] {
  return setCookies.filter((line) => /^(?:__Host-|__Secure-)?id=/.test(line))
}

/** Asserts that the answer says nothing about the session's cookie. */
export function assertNoCookie(received: Received): void {
  assert.deepEqual(ourCookies(received), [], 'the answer must not set, replace or clear the session cookie')
}

/** Asserts that the answer gives the client a token, once, and answers the line. */
export function assertNewCookie(received: Received): string {
  const lines = ourCookies(received)
  assert.equal(lines.length, 1, `the answer must set the session cookie once, and sets it ${lines.length} times`)
  const [line = ''] = lines
  assert.match(line, /^[\w-]+=[\w-]{32};/, 'the session cookie must hold a token of 32 characters')
  assert.equal(
    received.headers['cache-control'],
    'no-store',
    'an answer that sets the session cookie must not be stored',
  )
  return line
}

/** Asserts that the answer makes the client forget its token. */
export function assertClearedCookie(received: Received): void {
  const lines = ourCookies(received)
  assert.equal(lines.length, 1, 'the answer must clear the session cookie once')
  assert.match(lines[0]!, /^[\w-]+=;.*; Max-Age=0$/, 'the answer must clear the session cookie')
  assert.equal(
    received.headers['cache-control'],
    'no-store',
    'an answer that clears the session cookie must not be stored',
  )
}

/** Asserts that the framework's error handling has answered for the error with that code, and for nothing else. */
export function assertFailed(trial: BindingTrial, received: Received, code: ErrorCode): void {
  const { status } = ERRORS[code]
  assert.equal(received.status, status, `the answer must have the status ${status} of ${code}`)
  // A framework may also report that the client or a stream went away.
  const errors = trial.errors.filter(isHoldfastError)
  assert.deepEqual(
    errors.map((error) => [error.code, error.status, error.statusCode]),
    [[code, status, status]],
    "the error must reach the framework's error handling once",
  )
  assertNoCookie(received)
}
