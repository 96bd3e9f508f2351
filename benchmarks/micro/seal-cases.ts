/** Ways to seal a session for a cookie, each with what opens it again. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import { sealData, unsealData } from 'iron-session'

import { openBytes, sealBytes } from '../../packages/core/src/mechanisms/cookie-sessions/iron.ts'
import { createValueCodec } from '../../packages/core/src/mechanisms/value-codec.ts'
import { type FieldsSize, fieldsOf } from '../contenders/session-fields.ts'

export interface SealCase {
  readonly name: string
  seal(): Promise<string> | string
  open(sealed: string): Promise<unknown>
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const UNTIL = Date.UTC(2100, 0, 1)

/** GCM of node:crypto first: what a store's records are sealed with, and what the others are compared with. */
export function sealCases(size: FieldsSize): readonly SealCase[] {
  const key = { id: 'a1b2c3d4e5f6', encryption: randomBytes(32), integrity: randomBytes(32) }
  const password = randomBytes(32).toString('base64url')
  const fields = fieldsOf('user-1', size)
  const bytes = createValueCodec().encode(fields)
  return [
    {
      name: 'GCM of node:crypto',
      seal: () => sealByGcm(bytes, key.encryption),
      open: (sealed) => Promise.resolve(openByGcm(sealed, key.encryption)),
    },
    {
      name: 'iron with keys',
      seal: () => sealBytes(bytes, key, UNTIL),
      open: (sealed) => openBytes(sealed, key),
    },
    {
      name: "iron's format by node:crypto",
      seal: () => sealByNode(bytes, key),
      open: (sealed) => Promise.resolve(openByNode(sealed, key)),
    },
    {
      name: 'iron with a password',
      seal: () => sealData(fields, { password }),
      open: (sealed) => unsealData(sealed, { password }),
    },
  ]
}

function sealByGcm(bytes: Uint8Array, key: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

function openByGcm(sealed: string, key: Uint8Array): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

type Keys = Readonly<Record<'encryption' | 'integrity', Uint8Array>>

/** What iron does, without the thread hops of WebCrypto. For comparison only: it is not what the library uses. */
function sealByNode(bytes: Uint8Array, { encryption, integrity }: Keys): string {
  const nonce = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', encryption, nonce)
  const hidden = Buffer.concat([cipher.update(bytes), cipher.final()])
  const text = `Fe26.2*key**${nonce.toString('base64url')}*${hidden.toString('base64url')}*${UNTIL}`
  return `${text}**${createHmac('sha256', integrity).update(text).digest('base64url')}`
}

function openByNode(sealed: string, { encryption, integrity }: Keys): Uint8Array {
  const [text = '', code = ''] = sealed.split(/\*\*(?=[\w-]+$)/)
  const expected = createHmac('sha256', integrity).update(text).digest()
  if (!timingSafeEqual(expected, Buffer.from(code, 'base64url'))) throw new Error('The seal was changed.')
  const [, , , nonce = '', hidden = ''] = text.split('*')
  const decipher = createDecipheriv('aes-256-cbc', encryption, Buffer.from(nonce, 'base64url'))
  return Buffer.concat([decipher.update(Buffer.from(hidden, 'base64url')), decipher.final()])
}
