/** Encodes and decodes single fields, and keeps their sum within bounds. */
import { Buffer } from 'node:buffer'

import type { Codec } from '../contracts/codec.ts'
import { ValueError } from '../contracts/errors.ts'
import type { Fields } from './body.ts'
import { tell } from './events.ts'
import { PackedFields } from './packed-fields.ts'

const NAME_LIMIT = 256

/** @throws ValueError `ERR_FIELD_NAME` */
export function checkFieldName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= NAME_LIMIT && name.isWellFormed()) return name
  throw new ValueError(
    'ERR_FIELD_NAME',
    `A field name must be a non-empty string of at most ${NAME_LIMIT} characters; ` +
      `this one is ${typeof name === 'string' ? 'not' : `a ${typeof name}`}.`,
  )
}

/**
 * Encodes the value of a field; an error names the field.
 *
 * @throws ValueError `ERR_VALUE`
 */
export function encodeField(codec: Codec, name: string, value: unknown): Uint8Array {
  try {
    return codec.encode(value)
  } catch (cause) {
    if (!(cause instanceof ValueError)) throw cause
    const reason = cause.message.replace(/ \[ERR_VALUE\]$/, '')
    throw new ValueError('ERR_VALUE', `The field \`${name}\` cannot be kept. ${reason}`, { cause })
  }
}

/**
 * Decodes the value of a field. One that nobody can read is told and counts as absent: it must not make every page of
 * its user an error for ever.
 */
export function decodeField(
  codec: Codec,
  name: string,
  bytes: Uint8Array | undefined,
  id: string | undefined,
): unknown {
  if (bytes === undefined) return undefined
  try {
    return codec.decode(bytes)
  } catch {
    tell('holdfast:rejected', { reason: 'unreadable', field: name, ...(id === undefined ? {} : { id }) })
    return undefined
  }
}

/** Tells how much of the size budget a field takes, in bytes. */
export function fieldSize(name: string, bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : Buffer.byteLength(name) + bytes.length
}

/** Tells how much of the size budget fields take together, in bytes. */
export function sizeOf(fields: Fields): number {
  if (fields instanceof PackedFields) return fields.dataSize
  let size = 0
  for (const [name, bytes] of fields) size += fieldSize(name, bytes)
  return size
}

/** Makes the error for fields that have outgrown the limit, which an option sets; it names the largest. */
export function tooLarge(fields: Fields, limit: number, option = 'sizeLimit'): ValueError {
  const largest = [...fields]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, 3)
    .map(([name, bytes]) => `\`${name}\` (${bytes.length} bytes)`)
    .join(', ')
  return new ValueError(
    'ERR_TOO_LARGE',
    `The session would have ${sizeOf(fields)} bytes, and ${limitText(limit, option)}. Its largest fields are ${largest}. ` +
      'The change was not recorded. Keep large things in a database and their ids in the session.',
  )
}

function limitText(limit: number, option: string): string {
  if (option === 'sizeLimit') return `\`sizeLimit\` is ${limit}`
  return `the cookies that \`${option}\` allows hold at most ${limit} of them sealed, fewer of what is not ASCII`
}
