/**
 * Seals the body of a record by AES-256-GCM: who can only read the store does not learn what is in it, and who can write
 * to the store cannot change it, nor put it under another record, another header or another store.
 *
 * Sealed, a body is: first byte · 6 bytes that name the key's generation · 12 bytes of nonce · hidden body · 16 bytes of
 * tag. The nonce is random. So that no key ever sees many of them, each record is sealed by a key of its own, which
 * HMAC-SHA-256 makes of the key for records and the place of the record.
 *
 * @see docs/adr/0041-sealing-around-the-store.md
 */
import { Buffer } from 'node:buffer'
import { type KeyObject, createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto'

import type { SessionRecord } from '../../contracts/record.ts'
import { GENERATION_BYTES, type Key } from '../keys/key.ts'
import { SEALED, UnreadableBody } from './first-byte.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_AT = 1 + GENERATION_BYTES
const NONCE_BYTES = 12
const HIDDEN_AT = NONCE_AT + NONCE_BYTES
const TAG_BYTES = 16
const TAG = { authTagLength: TAG_BYTES }

/** A header with the body that belongs to it. */
type Sealable = Omit<SessionRecord, 'commits'>

/** Answers the body of a record, sealed by a key for the store of that prefix. */
export function sealBody(record: Sealable, key: Key, prefix: string): Uint8Array {
  // Not from the pool: a copy of this process must never draw the same one.
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyOfRecord(key, record), nonce, TAG)
  cipher.setAAD(boundTo(record, key, prefix))
  const sealed = new Uint8Array(HIDDEN_AT + record.body.length + TAG_BYTES)
  sealed.set(beginningOf(key))
  sealed.set(nonce, NONCE_AT)
  sealed.set(cipher.update(record.body), HIDDEN_AT)
  cipher.final()
  sealed.set(cipher.getAuthTag(), HIDDEN_AT + record.body.length)
  return sealed
}

/** Answers the body that {@link sealBody} was given, for the same header and prefix. @throws {@link UnreadableBody} */
export function unsealBody(record: Sealable, key: Key, prefix: string): Uint8Array {
  const { body } = record
  const tagAt = body.length - TAG_BYTES
  if (tagAt < HIDDEN_AT) throw new UnreadableBody('The sealed body is cut off.')
  const decipher = createDecipheriv(CIPHER, keyOfRecord(key, record), body.subarray(NONCE_AT, HIDDEN_AT), TAG)
  decipher.setAAD(boundTo(record, key, prefix))
  decipher.setAuthTag(body.subarray(tagAt))
  const shown = decipher.update(body.subarray(HIDDEN_AT, tagAt))
  try {
    decipher.final()
  } catch (cause) {
    throw new UnreadableBody('The sealed body or its header was changed.', { cause })
  }
  return shown
}

/** Answers the generation of the key that a sealed body names. @throws {@link UnreadableBody} */
export function generationIn(body: Uint8Array): string {
  if (body.length < HIDDEN_AT + TAG_BYTES) throw new UnreadableBody('The sealed body is cut off.')
  return Buffer.from(body.buffer, body.byteOffset + 1, GENERATION_BYTES).toString('base64url')
}

/** Answers what every body begins with that the key has sealed. */
export function beginningOf({ generation }: Pick<Key, 'generation'>): Uint8Array {
  return Uint8Array.of(SEALED, ...Buffer.from(generation, 'base64url'))
}

function keyOfRecord(key: Key, { key: place }: Sealable): KeyObject {
  return createSecretKey(createHmac('sha256', key.objectFor('record')).update(place).digest())
}

/**
 * Everything of the header that decides about the session, and nothing that a touch changes or a store may round. Level
 * and methods of the authentication are in the body itself.
 */
function boundTo(record: Sealable, { generation }: Key, prefix: string): Uint8Array {
  const { format, key, id, subject, revision, persistent } = record
  const whole = [record.createdAt, record.absoluteAt, record.idleTimeout, record.authenticatedAt]
  const bound = ['record', SEALED, generation, prefix, format, key, id, subject, revision, persistent]
  return Buffer.from(JSON.stringify([...bound, ...whole.map((value) => value && Math.trunc(value))]))
}
