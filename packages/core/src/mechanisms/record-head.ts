/**
 * What only the engine needs to know of a session. It travels at the head of the body, so that stores need not know it.
 *
 * Written as JSON: a version that does not know a member hands it on, so that old and new processes can serve one store.
 */

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
}

export const NO_HEAD: RecordHead = Object.freeze({})

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Writes a head; one without members takes no bytes. */
export function writeHead(head: RecordHead): Uint8Array {
  const text = JSON.stringify(head)
  return text === '{}' ? new Uint8Array(0) : encoder.encode(text)
}

/** Reads what {@link writeHead} has written. @throws any error for other bytes */
export function readHead(bytes: Uint8Array): RecordHead {
  if (bytes.length === 0) return NO_HEAD
  const head: unknown = JSON.parse(decoder.decode(bytes))
  if (!isHead(head)) throw new TypeError('The head of a record holds something else than the engine writes.')
  return Object.freeze(head)
}

const FORMS: { readonly [Name in keyof RecordHead]-?: (value: unknown) => boolean } = {
  level: isNumber,
  methods: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  startedAt: isNumber,
  provenAt: isNumber,
  renewedAt: isNumber,
  formerKey: isText,
  isPending: (value) => typeof value === 'boolean',
  confirmedAt: isNumber,
  generation: isNumber,
  agent: isText,
  address: isText,
}

function isHead(value: unknown): value is RecordHead {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(FORMS).every(([name, isOfForm]) => {
    const member: unknown = Reflect.get(value, name)
    return member === undefined || isOfForm(member)
  })
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}
