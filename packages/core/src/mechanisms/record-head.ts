/**
 * What only the engine needs to know of a session. It travels at the head of the body, so that stores need not know it.
 *
 * Each member is a number that names it, a length and its bytes, so that a session signed in takes a few dozen bytes. A
 * version that does not know a member hands it on, so that old and new processes can serve one store.
 */
import { Buffer } from 'node:buffer'

import { type Cursor, lengthSize, readPart, writePart } from './parts-of-bytes.ts'

export interface RecordHead {
  /** How well the subject has proved who they are, if better than 1. */
  readonly level?: number | undefined
  /** By what, such as `'pwd'` and `'otp'`, in the order they were first used. */
  readonly methods?: readonly string[] | undefined
  /** When both lifetimes last began, if that is not when the subject last proved who they are. */
  readonly startedAt?: number | undefined
  /** When the subject last proved who they are on top of being remembered. */
  readonly provenAt?: number | undefined
  /** When the token was drawn, if the session is older. */
  readonly renewedAt?: number | undefined
  /** The key that the session was renewed from. */
  readonly formerKey?: string | undefined
  /** Whether the session was renewed by age, and nobody has presented its token yet. */
  readonly isPending?: boolean | undefined
  /** When its token was first presented, after a renewal by age. */
  readonly confirmedAt?: number | undefined
  /** The generation that the session was made under; absent: 0. */
  readonly generation?: number | undefined
  /** What the client that last got a token calls itself, coarsely. */
  readonly agent?: string | undefined
  /** The network that it came from. */
  readonly address?: string | undefined
  /** Members of a newer version, by number. */
  readonly others?: ReadonlyMap<number, Uint8Array> | undefined
}

export const NO_HEAD: RecordHead = Object.freeze({})

type Member = Exclude<keyof RecordHead, 'others'>

interface Form<Value> {
  write(value: Value): Uint8Array
  /** @throws TypeError */
  read(bytes: Uint8Array): Value
}

const INSTANT_BYTES = 6
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Whole numbers up to 2^48. */
const WHOLE: Form<number> = {
  write: (value) => {
    const bytes = Buffer.alloc(INSTANT_BYTES)
    bytes.writeUIntBE(value, 0, INSTANT_BYTES)
    return bytes
  },
  read: (bytes) => {
    if (bytes.length !== INSTANT_BYTES) throw new TypeError('A number of a head has another length.')
    return Buffer.from(bytes.buffer, bytes.byteOffset, INSTANT_BYTES).readUIntBE(0, INSTANT_BYTES)
  },
}
const SMALL: Form<number> = {
  write: (value) => Uint8Array.of(value),
  read: ([value]) => {
    if (value === undefined) throw new TypeError('A number of a head is missing.')
    return value
  },
}
const TEXT: Form<string> = { write: (value) => encoder.encode(value), read: (bytes) => decoder.decode(bytes) }
const TEXTS: Form<readonly string[]> = {
  write: (values) => encoder.encode(values.join('\0')),
  read: (bytes) => decoder.decode(bytes).split('\0'),
}
/** A mark that is there or not. */
const MARK: Form<boolean> = { write: () => new Uint8Array(), read: () => true }

/** A number is never given to another member. */
const MEMBERS: { readonly [Name in Member]-?: readonly [number: number, form: Form<NonNullable<RecordHead[Name]>>] } = {
  level: [1, SMALL],
  methods: [2, TEXTS],
  startedAt: [3, WHOLE],
  provenAt: [4, WHOLE],
  renewedAt: [5, WHOLE],
  formerKey: [6, TEXT],
  isPending: [7, MARK],
  confirmedAt: [8, WHOLE],
  generation: [9, WHOLE],
  agent: [10, TEXT],
  address: [11, TEXT],
}
const NAMES = new Map(Object.entries(MEMBERS).map(([name, [number]]) => [number, name as Member]))

/** Writes a head; one without members takes no bytes. */
export function writeHead(head: RecordHead): Uint8Array {
  const parts: (readonly [number: number, bytes: Uint8Array])[] = []
  for (const [name, value] of Object.entries(head) as [Member | 'others', never][]) {
    if (value === undefined || value === false) continue
    if (name === 'others') parts.push(...(value as ReadonlyMap<number, Uint8Array>))
    else parts.push([MEMBERS[name][0], MEMBERS[name][1].write(value)])
  }
  const size = parts.reduce((sum, [, bytes]) => sum + 1 + lengthSize(bytes.length) + bytes.length, 0)
  const written = new Uint8Array(size)
  let at = 0
  for (const [number, bytes] of parts) {
    written[at] = number
    at = writePart(written, at + 1, bytes)
  }
  return written
}

/** Reads what {@link writeHead} has written. @throws any error for other bytes */
export function readHead(bytes: Uint8Array): RecordHead {
  if (bytes.length === 0) return NO_HEAD
  const head: Record<string, unknown> = {}
  const others = new Map<number, Uint8Array>()
  const cursor: Cursor = { at: 0 }
  while (cursor.at < bytes.length) {
    const number = bytes[cursor.at++]!
    const part = readPart(bytes, cursor)
    const name = NAMES.get(number)
    if (name === undefined) others.set(number, part)
    else head[name] = MEMBERS[name][1].read(part)
  }
  if (others.size > 0) head['others'] = others
  return Object.freeze(head)
}
