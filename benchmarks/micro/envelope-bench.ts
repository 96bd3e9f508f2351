/** Sealing and compressing the bodies of records, by size. */
import { writeBody } from '../../packages/core/src/mechanisms/body.ts'
import { compressBody, expandBody } from '../../packages/core/src/mechanisms/envelope/compression.ts'
import { sealBody, unsealBody } from '../../packages/core/src/mechanisms/envelope/record-seal.ts'
import { keyFrom } from '../../packages/core/src/mechanisms/keys/key.ts'
import { NO_HEAD } from '../../packages/core/src/mechanisms/record-head.ts'
import { createValueCodec } from '../../packages/core/src/mechanisms/value-codec.ts'
import { fieldsOf } from '../contenders/session-fields.ts'
import { measure } from './case.ts'

const SIZES = { '350 B': 2, '4 KB': 88, '64 KB': 1500 } as const
const PREFIX = 'holdfast'

export function define(): void {
  const codec = createValueCodec()
  const key = keyFrom('rV0m7Qe3Jp9sXt1zWc5nKb8yHa2uLd4gFi6oTqZjMxE')
  const [item] = fieldsOf('user-1', '350').cart
  for (const [title, length] of Object.entries(SIZES)) {
    const value = { ...fieldsOf('user-1', '350'), cart: Array.from({ length }, () => ({ ...item })) }
    const body = writeBody(NO_HEAD, new Map(Object.entries(value).map(([name, one]) => [name, codec.encode(one)])))
    const record = {
      format: 1,
      key: 'A'.repeat(22),
      id: 'A'.repeat(16),
      revision: 7,
      createdAt: Date.now(),
      absoluteAt: Date.now() + 28_800_000,
      idleTimeout: 1_800_000,
      persistent: false,
      subject: 'user-1',
      authenticatedAt: Date.now(),
      body,
    }
    const sealed = { ...record, body: sealBody(record, key, PREFIX) }
    measure(`envelope: seal ${title}`, () => sealBody(record, key, PREFIX))
    measure(`envelope: unseal ${title}`, () => unsealBody(sealed, key, PREFIX))
    if (body.length < 1024) continue
    const compressed = compressBody(body, 1024)
    measure(`envelope: compress ${title} to ${compressed.length} bytes`, () => compressBody(body, 1024))
    measure(`envelope: expand ${title}`, () => expandBody(compressed))
  }
}
