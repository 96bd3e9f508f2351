/** What may not leak, and how it is recognised wherever it turns up. */
import { keyOf } from '../promises/stage.ts'

/** Everything that a run has made, and that somebody could carry away. */
export interface Marks {
  /** Each draw of 24 bytes, whether a browser was ever given it or not. */
  readonly tokens: readonly string[]
  /** What fields held. Names of fields are no secret: an event may name one. */
  readonly values: readonly string[]
  /** Passwords of stores, and secrets that seal sessions. */
  readonly secrets: readonly string[]
}

/** Bytes as `inspect` shows them, in pairs. */
const INSPECTED_BUFFER = /(?: [0-9a-f]{2}){8,}/g

export type Kind = 'token' | 'key' | 'value' | 'secret'

export const KINDS: readonly Kind[] = ['token', 'key', 'value', 'secret']

/** Says which kinds of marks a text holds, in whatever form: as it is, as the bytes that it encodes, or in hex. */
export function kindsIn(text: string, { tokens, values, secrets }: Marks): readonly Kind[] {
  const searched = text.replaceAll(INSPECTED_BUFFER, (bytes) => bytes.replaceAll(' ', ''))
  const hasAny = (forms: readonly string[]): boolean => forms.some((form) => searched.includes(form))
  const found: Record<Kind, boolean> = {
    token: tokens.some((token) => hasAny(encoded(token))),
    key: tokens.some((token) => hasAny(encoded(keyOf(token)))),
    value: values.some((value) => hasAny(spelled(value))),
    secret: secrets.some((secret) => hasAny(spelled(secret))),
  }
  return KINDS.filter((kind) => found[kind])
}

/** For text in base64url. */
function encoded(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'base64url')
  return [text, bytes.toString('latin1'), bytes.toString('hex')]
}

function spelled(text: string): readonly string[] {
  return [text, Buffer.from(text).toString('hex')]
}
